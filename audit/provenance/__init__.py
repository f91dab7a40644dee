"""Where the tables come from: hashes, commitments, sketches."""
