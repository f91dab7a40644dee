"""What several checks of the artifacts family share; no check stands here."""
