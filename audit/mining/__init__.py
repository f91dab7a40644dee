"""Rules learned from the real table: found on a sample, kept only if every real row keeps them."""
