"""What several checks of the fidelity family share; no check stands here."""
