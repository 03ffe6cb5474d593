"""What stops a backup or a restore: one message for people."""


class BackupError(SystemExit):
    """Why there is no backup, or nothing was restored, and what to do. It has no secret in it."""
