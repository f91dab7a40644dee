"""The forms of a new audit, and its start."""
