"""Run checks on a case and build the report: in this process, in a second one, for a series of tables."""
