"""Whole recordings: what the daemon hears in them, as text and picture."""
