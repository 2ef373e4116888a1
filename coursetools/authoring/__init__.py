"""How a lesson is made: run, stored in its normal form, and held to the conventions (python -m coursetools.authoring)."""
