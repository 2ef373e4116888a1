"""The library behind the notebooks: one module for each lesson, and the rooms that they share."""
