"""Fairness metrics of groups, bias amplification, and weights that mend margins."""
