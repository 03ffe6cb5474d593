"""Sends alerts: SQL raises each alert once (``check_alerts``), this package delivers it."""
