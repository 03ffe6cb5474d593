"""The builder's process: what it knows, and that it stops as it should."""

from typing import Any

import pytest
from pydantic import SecretStr

from service.builder import builder_settings
from service.config import NOT_FOR_BUILDERS
from tests.exactly_once.pipelines import CARD, CLOSED, start
from tests.exactly_once.runners import runner
from tests.exactly_once.scene import ADA, Scene


def secrets_of(settings: Any) -> set[str]:
    values = [getattr(settings, name) for name in type(settings).model_fields]
    flat = [each for value in values for each in (value if isinstance(value, tuple) else (value,))]
    return {each.get_secret_value() for each in flat if isinstance(each, SecretStr)}


def test_a_builder_needs_no_secret_but_those_of_the_database_and_takes_none_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = scene.environment()
    shared = {given["SUPABASE_SERVICE_ROLE_KEY"], given["SUPABASE_ANON_KEY"], given["DATABASE_URL"]}
    for with_them in (True, False):
        for name, value in given.items():
            if with_them or name not in NOT_FOR_BUILDERS:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
        known = secrets_of(builder_settings(None))
        assert known & set(given.values()) == shared


def test_a_builder_beside_a_worker_makes_a_component_and_stops_when_told(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    ada = scene.connect(ADA)
    start(scene, ada, CARD)
    with runner(scene, "worker") as worker, runner(scene, "builder") as builder:
        scene.wait_until(CLOSED, seconds=120)
        for process in (builder, worker):
            process.terminate()
            assert process.wait(60) == 0
    [pipeline] = scene.rows("select state, verdict from public.pipelines")
    assert pipeline == {"state": "done", "verdict": "passed"}
