"""The Jupyter server extension: authenticates, authorises and forwards."""
