"""What people see of the guard: tray, prompts and console. Speaks to the daemon over D-Bus alone and imports nothing of it."""
