"""The frame around every page: run, purpose, verdict, link."""
