"""The verbs of the job system: submit, dispatch, claim, run, cancel, reap."""
