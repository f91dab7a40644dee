"""How far has the synthetic table moved from the real one?"""
