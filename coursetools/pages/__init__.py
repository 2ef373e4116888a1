"""The lessons as pages that need no kernel and no network: a web site, and slides (python -m coursetools.pages)."""
