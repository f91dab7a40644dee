"""What several checks of the generations family share; no check stands here."""
