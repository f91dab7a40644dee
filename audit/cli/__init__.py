"""The command line: commands, arguments, progress on a terminal."""
