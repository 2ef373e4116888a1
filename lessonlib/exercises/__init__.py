"""The questions of the lessons: one module for each notebook."""
