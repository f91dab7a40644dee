"""The screen: one file a page, shared parts in parts/."""
