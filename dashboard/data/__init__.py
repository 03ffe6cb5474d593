"""What all pages share of reading and changing: each as the signed-in operator, under row level
security. Imports `access` alone."""
