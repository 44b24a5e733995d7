"""Pages of the case file: shape only, no rule."""
