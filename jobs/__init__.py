"""Work that nobody waits for: one queue in the database, and the processes that work it off."""
