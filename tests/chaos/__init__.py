"""Reminders under faults, for real: worker, beat, Redis, PostgreSQL and a mail server as processes on loopback.

``make chaos`` runs five seeds of 10,000 reminders and 40 faults each and prints a table; one small seed runs with the
tests. The code is that of the house; only its waits (lease, pauses) are shortened (``tests/chaos/haste.py``).
"""
