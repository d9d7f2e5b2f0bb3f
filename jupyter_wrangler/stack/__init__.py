"""The private stack: PostgreSQL, Valkey, the service and a worker, watched by us."""
