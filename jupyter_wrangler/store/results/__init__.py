"""Named results: saving, finding, comparing and deleting their versions."""
