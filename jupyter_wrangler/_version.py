"""The version, in one place; `labextension/package.json` is tested to equal it."""

__version__ = "0.1.0"
