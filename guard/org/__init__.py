"""The organization on this computer: settings, keys and the trust directory."""
