"""A lesson with a class: which mistakes were made, from the notebooks handed in (python -m coursetools.classroom), and marks."""
