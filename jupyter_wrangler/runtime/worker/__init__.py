"""A Celery worker: its heartbeat, its supervisor, and the processes that compute."""
