"""What several checks of the bias family share; no check stands here."""
