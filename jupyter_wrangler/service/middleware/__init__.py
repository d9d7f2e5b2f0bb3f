"""What every request passes: limits, metrics, slow bodies."""
