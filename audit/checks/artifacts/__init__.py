"""What tells of the generator stand in the rows?"""
