"""The console for admins and auditors: requests, media, crossings, journal, health. polkit decides who may what."""
