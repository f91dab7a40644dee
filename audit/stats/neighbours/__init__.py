"""Nearest neighbours of points, and what they say about realism, diversity and outliers."""
