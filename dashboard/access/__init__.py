"""Who is signed in, and what keeps everybody else out. Imports nothing of the other rooms."""
