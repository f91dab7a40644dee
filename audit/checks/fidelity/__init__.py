"""Is the synthetic table shaped like the real one?"""
