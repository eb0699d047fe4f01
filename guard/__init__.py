"""Media Guard: a removable-media guard for Linux desktops."""

__version__ = "0.1.0"
