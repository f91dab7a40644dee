"""Does the synthetic table treat groups as the real one does?"""
