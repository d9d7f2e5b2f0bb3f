"""What the verbs return: Job, Result, Profile, Plan, Leaderboard and others."""
