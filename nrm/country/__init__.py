"""A fictitious Netherlands for the demo: organisations, people and two years of casework, lived day by day.

Everything that happens is done by the operations of the application, at the day on which it happens. Nothing here is
true of anybody; only the proportions follow published figures (``proportions.py`` names the source of each).
"""
