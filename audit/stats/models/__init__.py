"""Regressions, scores of predictions, and labels that models doubt."""
