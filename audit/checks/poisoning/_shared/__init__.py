"""What several checks of the poisoning family share; no check stands here."""
