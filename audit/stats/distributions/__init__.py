"""Distances, associations, tails and marginals of values given as counts."""
