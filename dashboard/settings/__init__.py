"""The page Settings: what founders set. What the environment sets is in `dashboard/config.py`."""
