"""Real USB ports."""
