"""mediaguardctl, the command line: talks to the daemon over D-Bus alone."""
