"""What does the synthetic table give away about real people?"""
