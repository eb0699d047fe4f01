"""Papers that people file: made by the client, from what the guard tells; the daemon imports nothing of it."""
