"""The database: migrations once, functions at every deploy, and the programs that apply them."""
