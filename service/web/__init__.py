"""The HTTP side: the request cycle, sessions, pages, and the routes. No domain code imports it."""
