"""The page Settings, for founders. Settings from the environment: `dashboard/config.py`."""
