"""Shared screen code: the guard and frame, chips, numbers, charts, tables, empty states."""
