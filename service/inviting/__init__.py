"""Invitations of operators: Supabase Auth sends the mail, which needs the secret key."""
