"""Forms of the case file: the same for pages and API."""
