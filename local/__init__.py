"""Everything needed to run the product without any account, on one machine."""
