"""Two stand-in providers on loopback."""

from collections.abc import Iterator

import pytest

from local.model import ModelStandIn


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[ModelStandIn, ModelStandIn]]:
    with ModelStandIn(key="first-key") as first, ModelStandIn(key="spare-key") as spare:
        yield first, spare


@pytest.fixture
def first(running: tuple[ModelStandIn, ModelStandIn]) -> ModelStandIn:
    running[0].reset()
    return running[0]


@pytest.fixture
def spare(running: tuple[ModelStandIn, ModelStandIn]) -> ModelStandIn:
    running[1].reset()
    return running[1]
