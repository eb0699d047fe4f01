"""The message bus: `door` is the only way in, `tree` the only way out."""
