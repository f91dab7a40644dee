"""Numbers from arrays and counts: no tables, no files; every function names its source."""
