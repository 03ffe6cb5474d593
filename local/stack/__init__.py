"""Supabase without containers: PostgreSQL and a compatible API server, under supervisor."""

from local.stack.stack import Database, Stack, StackError

__all__ = ["Database", "Stack", "StackError"]
