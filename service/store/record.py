"""Rows and results of SQL functions as frozen records, parsed once when they arrive.

A record is a frozen dataclass with one field for each key of the JSON. A field with a default may
be missing in the JSON. Unknown keys are ignored, because during a deploy the SQL functions are one
version ahead of the processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, NamedTuple, Self, Union, get_args, get_origin

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]


class WrongShape(ValueError):
    """JSON that does not fit the record. The message names the key, and no value."""


class Record:
    """The base class of all records. Each is ``@dataclass(frozen=True, slots=True)``.

    Times become ``datetime``, lists become tuples, and objects become the records named by the
    fields' types. Everything else is kept as it is.
    """

    __slots__ = ()

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Raises WrongShape."""
        plan = _PLANS.get(cls) or _plan_of(cls)
        try:
            values = list(plan.required(body))
            for name, default in plan.optional:
                values.append(body.get(name, default))
        except KeyError as error:
            raise WrongShape(f'there is no "{error.args[0]}" for {cls.__name__}') from None
        except (TypeError, AttributeError):
            raise WrongShape(f"there is no object for {cls.__name__}") from None
        for place, name, convert in plan.converted:
            try:
                values[place] = convert(values[place])
            except WrongShape:
                raise
            except (TypeError, ValueError, AttributeError, KeyError):
                raise WrongShape(f'"{name}" of {cls.__name__} cannot be read') from None
        return cls(*values)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON."""
        plan = _PLANS.get(type(self)) or _plan_of(type(self))
        return {name: _to_json(getattr(self, name)) for name in plan.names}


class _Plan(NamedTuple):
    """How a record is read: first all required keys at once, then the optional ones, and last the
    few values that need a conversion, by position."""

    names: tuple[str, ...]
    required: Callable[[Any], tuple[Any, ...]]
    optional: tuple[tuple[str, Any], ...]
    converted: tuple[tuple[int, str, Convert], ...]


_PLANS: dict[type[Record], _Plan] = {}


def _plan_of(record: type[Record]) -> _Plan:
    assert is_dataclass(record)
    every = fields(record)
    names = tuple(each.name for each in every)
    optional = tuple((each.name, each.default) for each in every if each.default is not MISSING)
    converted = tuple(
        (place, each.name, convert)
        for place, each in enumerate(every)
        if (convert := each.metadata.get("read") or _convert_to(each.type))
    )
    required = _getter(names[: len(names) - len(optional)])
    return _PLANS.setdefault(record, _Plan(names, required, optional, converted))


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    # ``itemgetter`` returns a bare value for one name, and fails for none.
    return lambda body: tuple([body[name] for name in names])


def _convert_to(kind: Any) -> Convert | None:
    """The function that converts a JSON value to this type; None if no conversion is needed."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        converts = [_convert_to(each) for each in get_args(kind) if each is not NoneType]
        [convert] = converts if len(converts) == 1 else [None]
        return None if convert is None else _or_none(convert)
    if origin is tuple:
        return _each(_convert_to(get_args(kind)[0]))
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind.from_json
    return None


def _or_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _each(convert: Convert | None) -> Convert:
    return tuple if convert is None else lambda values: tuple([convert(each) for each in values])


def _to_json(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, datetime):
        return value.isoformat()
    return [_to_json(each) for each in value] if isinstance(value, tuple) else value
