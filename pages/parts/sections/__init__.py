"""The parts that pages are made of, one question or table each."""
