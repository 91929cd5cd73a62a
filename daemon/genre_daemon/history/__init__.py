"""What was heard, kept in SQLite: segments, timelines, pictures."""
