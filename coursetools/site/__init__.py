"""The lessons as a web site that needs no server, no kernel and no network: python -m coursetools.site FOLDER."""
