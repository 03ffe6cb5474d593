"""Backups of the whole product, and bringing one back: `make backup`, `make restore`.

One file holds the database as it was at one moment, the accounts of operators, and the files of
pipelines. It is sealed with age (https://age-encryption.org/v1) for a public key, so the machine
that makes backups cannot open older ones. docs/backup.md tells how it is run.
"""
