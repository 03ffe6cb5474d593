"""Rows and results of SQL functions as frozen records, read once where they come in.

A record is a frozen dataclass with one field for each key of the JSON. A field with a default may
be missing there. Keys that a record does not know are passed over: during a deploy the functions
are a version ahead of the processes.
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
    """JSON that is not what a record reads. The text names the key, and no value."""


class Record:
    """What all records can do. Each is ``@dataclass(frozen=True, slots=True)``.

    Times become ``datetime``, lists tuples, and objects the records that the fields' types name;
    everything else is taken as it is.
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
        """The same as JSON holds it."""
        plan = _PLANS.get(type(self)) or _plan_of(type(self))
        return {name: _to_json(getattr(self, name)) for name in plan.names}


class _Plan(NamedTuple):
    """How a record is read: all that has to be there at one go, then what may be missing, and last
    the few values that are not taken as they are, by their places."""

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
    # With one name it gives the bare value, and with none it is an error.
    return lambda body: tuple([body[name] for name in names])


def _convert_to(kind: Any) -> Convert | None:
    """What makes of a JSON value one of this type; None where it is that already."""
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
