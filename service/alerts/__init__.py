"""Alerts on their way out: SQL raises each once (``check_alerts``), this package delivers them."""
