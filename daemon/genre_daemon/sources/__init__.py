"""EDGE: where audio comes from. Microphone, files and the built-in demo."""
