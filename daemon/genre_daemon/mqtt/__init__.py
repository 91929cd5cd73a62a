"""EDGE: a connection to a broker, and a broker to connect to."""
