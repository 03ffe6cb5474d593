"""The SQL functions for analyses, and for the session of whoever asks for one, over a connection of
its own for web: the plugin waits for each of these calls."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from service.config import Settings
from service.errors import ServiceError
from service.figma.clean_text import storable_json
from service.store.direct_connection import DirectConnection
from service.store.stored_analyses import StoredAnalyses
from service.store.stored_sessions import StoredSessions


class DirectAnalyses(StoredSessions, StoredAnalyses):
    """Thread-safe; connects at the first call."""

    def __init__(self, settings: Settings):
        self._direct = DirectConnection(settings)

    def close(self) -> None:
        self._direct.close()

    def _call(self, function: str, again: bool = True, /, **parameters: Any) -> Any:
        """Call one SQL function. Texts that Postgres cannot store are sent without such
        characters, as ``SqlCalls`` does it."""
        names = ", ".join(f"p_{name} => %s" for name in parameters)
        statement = f"select to_jsonb(public.{function}({names}))"
        try:
            return self._direct.ask(function, statement, *map(_adapted, parameters.values()))
        except UnicodeEncodeError:
            if not again:
                raise
        except ServiceError as error:
            if not again or not isinstance(error.__cause__, psycopg.DataError):
                raise
            if storable_json(parameters) == parameters:
                raise
        return self._call(function, False, **storable_json(parameters))


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
