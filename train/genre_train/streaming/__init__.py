"""Streaming: playlists, what a smoother says of them, and how good that is."""
