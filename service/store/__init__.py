"""Storage: one method for each SQL function, and the settings that change while the service
runs."""
