"""What fails when: drawn from a seed, so that a run can be had again."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from bench.chaos.product import Product

Act = Callable[[Product, random.Random], AbstractContextManager[None]]
# The run begins and ends without a fault.
CALM_SECONDS = 15.0


@dataclass(frozen=True)
class Fault:
    """Something that fails for ``seconds``; the next one begins ``rest`` seconds later. ``act``
    makes it fail while its context lasts. ``lacks`` says why it cannot be tried here, or nothing.
    """

    name: str
    seconds: float
    rest: float
    act: Act
    lacks: Callable[[Product], str] = lambda _: ""


@dataclass(frozen=True)
class Slot:
    """A fault and when it begins and ends, in seconds from the start of the run."""

    begin: float
    fault: Fault

    @property
    def end(self) -> float:
        return self.begin + self.fault.seconds


def plan_faults(faults: list[Fault], seconds: float, draw: random.Random) -> list[Slot]:
    """Each fault once, in an order drawn by ``draw``, one after the other. In a longer or shorter
    run each lasts as much longer or shorter."""
    order = list(faults)
    draw.shuffle(order)
    calm = min(CALM_SECONDS, seconds / 10)
    stretch = (seconds - 2 * calm) / sum(each.seconds + each.rest for each in order)
    slots, begin = [], calm
    for each in order:
        slots.append(Slot(round(begin, 1), replace(each, seconds=each.seconds * stretch)))
        begin += (each.seconds + each.rest) * stretch
    return slots


def plan_kills(kills: list[Fault], seconds: float, pause: float, draw: random.Random) -> list[Slot]:
    """One of these about every ``pause`` seconds, whatever else fails meanwhile."""
    slots, begin = [], min(CALM_SECONDS, seconds / 10)
    while True:
        begin += draw.uniform(0.5, 1.5) * pause
        if begin > seconds - CALM_SECONDS or not kills:
            return slots
        slots.append(Slot(round(begin, 1), draw.choice(kills)))
