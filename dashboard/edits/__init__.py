"""Every change the dashboard makes, one module per area, each through one SQL function."""
