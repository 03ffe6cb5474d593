"""The HTTP side: what every request meets, sessions, pages, and the routes. Nothing of the domain
imports it."""
