"""Every value that is worked out of others, and of what: what must follow when a fact is corrected."""
