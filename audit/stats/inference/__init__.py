"""Intervals, tests, what chance alone gives, and many questions at once."""
