"""The thing audited: aligned tables, what their columns hold, and what a check is."""
