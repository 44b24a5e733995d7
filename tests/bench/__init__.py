"""``make bench``: how the pages behave with 10,000 and 100,000 cases. A benchmark, not a timed test."""
