"""Which traces of the generator are in the rows?"""
