"""What several checks of the drift family share; no check stands here."""
