"""Numbers, charts, tables and cards that several sections use."""
