"""The registry and the journal: one SQLite file, one writer, read by many."""
