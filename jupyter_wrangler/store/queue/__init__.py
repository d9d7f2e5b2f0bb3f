"""The job queue: jobs, parts, attempts and turns, as rows and transitions."""
