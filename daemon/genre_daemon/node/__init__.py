"""What one listening node says over MQTT, and what it may be told."""
