"""How requests reach the service: discovery, HTTP, streams."""
