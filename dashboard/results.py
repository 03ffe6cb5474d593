"""Parses the database's results into frozen records and tables, once, right after the call.

The rest of the code never reads keys from dictionaries. A result of the wrong shape is reported in
the log and on the page. Extra keys from a newer database are ignored.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, TypeVar

import pandas as pd
from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

logger = logging.getLogger(__name__)


class DataUnavailable(Exception):
    """The data cannot be read right now. The cause is in the log, not in the message."""


@dataclass(frozen=True)
class Columns:
    """Parses a record's field into a table: `Annotated[pd.DataFrame, Columns(("at", "calls"))]`.

    `times` become UTC timestamps.
    """

    names: tuple[str, ...]
    times: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._table)

    def _table(self, rows: list[dict[str, Any]] | None) -> pd.DataFrame:
        return _table(rows, self.names, self.times)


def read_one(shape: type[T], found: object, source: str) -> T:
    """`found` as a record, or any other `shape`. `source`: the function or table it is from.

    Raises DataUnavailable if it does not have this shape.
    """
    wanted: Any = shape
    try:
        record: T = _reader(wanted).validate_python(found)
    except ValidationError as error:
        # Log where and why, but not the values: they may be personal data.
        problems = error.errors(include_input=False, include_url=False)
        _give_up(
            source,
            "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems),
        )
    return record


def read_all(shape: type[T], found: object, source: str) -> list[T]:
    """A list of records, in the database's order. Raises DataUnavailable."""
    if not isinstance(found, list):
        _give_up(source, "no list")
    return [read_one(shape, each, source) for each in found]


def read_table(
    found: object, columns: Sequence[str], source: str, times: Sequence[str] = ()
) -> pd.DataFrame:
    """A table with these columns, even without rows; `times` become UTC timestamps.

    Raises DataUnavailable.
    """
    if not isinstance(found, list | None):
        _give_up(source, "no rows")
    try:
        return _table(found, columns, times)
    except ValueError as error:
        _give_up(source, str(error))


def _table(
    rows: list[dict[str, Any]] | None, columns: Sequence[str], times: Sequence[str]
) -> pd.DataFrame:
    if rows and (missing := set(columns) - set(rows[0])):
        raise ValueError(f"without {', '.join(sorted(missing))}")
    table = pd.DataFrame(rows or [], columns=list(columns))
    for column in times:
        table[column] = pd.to_datetime(table[column], utc=True, format="ISO8601")
    return table


@cache
def _reader(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _give_up(source: str, problem: str) -> NoReturn:
    logger.error("The dashboard cannot read what %s gave: %s", source, problem)
    raise DataUnavailable(f"{source} gave something else than expected") from None
