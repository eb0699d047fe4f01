"""The pure core: values and decisions. Nothing here reads a file, a clock, a device or the bus."""
