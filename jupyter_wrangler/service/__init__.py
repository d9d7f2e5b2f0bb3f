"""The FastAPI service: thin routes, identity, problems, event streams, health."""
