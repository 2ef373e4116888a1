"""The lessons as slide shows: exported as decks (nbconvert.py), and live in JupyterLab (live.json)."""
