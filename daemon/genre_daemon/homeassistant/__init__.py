"""How a node introduces itself to Home Assistant."""
