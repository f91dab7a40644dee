"""Attacks on privacy as arithmetic: success rates, linking, singling out, epsilon, sketches."""
