"""Simulated USB ports: image files as sticks, behind the same interface as real USB."""
