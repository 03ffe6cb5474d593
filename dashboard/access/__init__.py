"""Signing in, and keeping everybody else out. Imports nothing from the other rooms."""
