"""Has someone tampered with the synthetic table?"""
