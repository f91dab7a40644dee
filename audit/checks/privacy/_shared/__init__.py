"""What several checks of the privacy family share; no check stands here."""
