"""From a request to a plan: what is checked, warned about and chosen before a run."""
