"""What happened, who did it, who looked. Append-only; ids and codes, no foreign keys, no free text."""
