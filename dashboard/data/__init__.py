"""Reads and changes that pages share: all as the signed-in operator, under row level security.

Imports only `access`.
"""
