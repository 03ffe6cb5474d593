"""The nightly watch over the isolation of accounts: it tries what nobody may, from outside."""
