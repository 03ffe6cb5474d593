"""Storage through SQL functions, one method for each, and the settings that change while the
service runs."""
