"""The model of a bundle: read, checked and run."""
