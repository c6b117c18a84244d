"""Writing records: from a command to what is stored, step by step, in one transaction."""
