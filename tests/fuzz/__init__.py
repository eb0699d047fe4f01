"""Bytes that come from devices, media, strangers and files, thrown at what reads them; what was interesting is kept in corpus/."""
