"""From samples to patches: one definition for training and listening."""
