"""Faults that can be switched on: what fails, for which requests, and how often."""

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

REQUEST_KINDS = ("slow", "429", "403", "500", "reply_lost")
DELIVERY_KINDS = ("duplicate_delivery", "lost_delivery", "delivery_delay")
FIELDS = {
    "kind": str,
    "path": str,
    "method": str,
    "person": str,
    "times": int,
    "seconds": (int, float),
    "retry_after": int,
    "after_store": bool,
}


@dataclass
class Fault:
    """``times`` None: until switched off. ``after_store``: fail after the work is done.

    ``path`` is a regular expression that is searched in the request's path, or, for the three
    delivery kinds, in the file key. ``seconds`` is how long ``slow`` and ``delivery_delay`` take.
    """

    kind: str
    path: str | None = None
    method: str | None = None
    person: str | None = None
    times: int | None = None
    seconds: float = 5.0
    retry_after: int = 30
    after_store: bool = False


def parse_fault(raw: object) -> Fault:
    """A fault from JSON. Raises ValueError with the reason if it is invalid."""
    if not isinstance(raw, dict):
        raise ValueError('each fault must be an object such as {"kind": "429", "times": 1}')
    kinds = REQUEST_KINDS + DELIVERY_KINDS
    if str(raw.get("kind")) not in kinds:
        raise ValueError(f"kind must be one of {', '.join(kinds)}")
    values = {"kind": str(raw["kind"])} | {k: v for k, v in raw.items() if k != "kind"}
    for name, value in values.items():
        if name not in FIELDS:
            raise ValueError(f"{name} is not known; a fault has {', '.join(FIELDS)}")
        wanted = FIELDS[name]
        if value is not None and not isinstance(value, wanted):  # type: ignore[arg-type]
            raise ValueError(f"{name} has the wrong type")
    try:
        re.compile(values.get("path") or "")
    except re.error as error:
        raise ValueError(f"path is not a regular expression: {error}") from error
    return Fault(**{name: value for name, value in values.items() if value is not None})


class Faults:
    """The faults in force, in order; the first match applies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def replace(self, faults: list[Fault]) -> None:
        with self._lock:
            self._faults = list(faults)

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(each) for each in self._faults]

    def strike_request(self, path: str, method: str, person_id: str | None = None) -> Fault | None:
        """The fault for this request, if any."""
        if not self._faults:
            return None
        return self._take(
            lambda fault: (
                fault.kind in REQUEST_KINDS
                and re.search(fault.path or "", path) is not None
                and (fault.method or method).upper() == method
                and fault.person in (None, person_id)
            )
        )

    def strike_delivery(self, kind: str, file_key: str) -> Fault | None:
        if not self._faults:
            return None
        return self._take(
            lambda fault: fault.kind == kind and re.search(fault.path or "", file_key) is not None
        )

    def _take(self, fits: Any) -> Fault | None:
        with self._lock:
            fault = next((each for each in self._faults if fits(each)), None)
            if fault and fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault
