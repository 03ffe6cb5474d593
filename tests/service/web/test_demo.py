"""What `make run` makes ready, and that it leaves alone what people have changed since."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.fernet import Fernet

from local.demo import Demo, prepare_demo
from local.environment import Plan
from local.programs import Service
from local.run import _summary, _wait
from local.stack import Stack
from local.stack.stack import free_port
from local.stack.supervision import Program, StackError
from tests.service.web.conftest import Person, Web

PAUSE = "update public.user_webhooks set operator_paused_at = now(), state = %s"


@pytest.fixture
def prepare(web: Web, stack: Stack) -> Any:
    def again(port: int = int(web.url.rpartition(":")[2])) -> tuple[Demo, str]:
        plan = Plan(
            True, True, False, False, {"FIGMA_API_URL": web.sandbox.url, "SUPABASE_URL": ""}, {}
        )
        settings = web.services.settings
        demo = prepare_demo(plan, settings, stack.secrets, {"WEB_PORT": port})
        assert demo.password == stack.secrets.operator_password
        return demo, _summary(plan, settings, [], demo)

    return again


def state(web: Web) -> str:
    [row] = web.rows("select state from public.user_webhooks")
    return row["state"]


def owner_of(web: Web) -> str:
    [row] = web.rows("select handle from public.users")
    return row["handle"]


def test_the_demo_is_ready_and_made_ready_again(web: Web, prepare: Any) -> None:
    for _ in range(2):
        demo, said = prepare()
        assert (state(web), demo.note) == ("active", "")
        assert f"Try it: open {demo.file_url}\n" in said


def test_a_password_that_was_restored_or_changed_is_not_told(
    web: Web, stack: Stack, prepare: Any
) -> None:
    _, said = prepare()
    assert f"password: {stack.secrets.operator_password}" in said
    # As after `make reset` and a restore: the account is of before, the secrets are new.
    new = replace(stack.secrets, operator_password="another-ferry-9")
    plan = Plan(True, False, False, False, {"SUPABASE_URL": ""}, {})
    demo = prepare_demo(plan, web.services.settings, new, {})
    assert (demo.email, demo.password, demo.note) == ("founder@example.com", "", "")
    said = _summary(plan, web.services.settings, [], demo)
    assert "founder@example.com, with the password that was restored" in said
    assert "make operator" in said and "another-ferry-9" not in said


def test_a_pause_of_the_owner_stays_and_is_told(web: Web, prepare: Any) -> None:
    prepare()
    owner = web.person()
    owner.sign_in(owner_of(web))
    [webhook] = owner.webhooks()
    answer = owner.ask(
        "PATCH", "/api/webhook/manage", json={"id": webhook["id"], "state": "paused"}
    )
    assert answer.status_code == 200
    _, said = prepare()
    assert state(web) == "paused" and "Try it" not in said
    assert f"its owner {owner_of(web)} resumes it on {web.url}/account." in said


@pytest.mark.parametrize("left", ["paused", "deleted"])
def test_a_pause_of_an_operator_stays_and_is_told(web: Web, prepare: Any, left: str) -> None:
    prepare()
    web.change(PAUSE, left)
    _, said = prepare()
    assert state(web) == left and "Try it" not in said
    assert "An operator has paused the buddy in the demo file" in said
    assert "resume it on the dashboard, page Webhooks." in said


def test_a_demo_that_cannot_be_set_up_says_so_and_nothing_else_stops(
    web: Web, prepare: Any
) -> None:
    demo, said = prepare(free_port())
    assert demo.file_url == "" and "Try it" not in said
    assert "The demo could not be set up: GET /api/auth/figma-oauth did not answer." in said
    web.sandbox.faults({"kind": "500", "path": "/v2/webhooks"})
    _, said = prepare()
    assert "The demo could not be set up: POST /api/webhook/manage answered 50" in said


def test_a_part_that_no_key_serves_is_not_waited_for_and_tells_what_its_checks_say(
    web: Web, ada: Person
) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"token").decode()
    web.change("update public.figma_tokens set access_token_encrypted = %s", lost)
    service = Service(Program("web", []), "web", url=web.url, health_path="/readyz")

    class Patient:
        def wait(self, name: str, is_ready: Callable[[], bool], seconds: float) -> None:
            pytest.fail(f"{name} would be waited for: {is_ready()}")

    with pytest.raises(StackError) as refused:
        _wait(cast(Stack, SimpleNamespace(supervisor=Patient())), service)
    first, second, *checks = str(refused.value).splitlines()
    assert first == "web cannot read what is stored."
    assert second == "/readyz says 503:"
    assert len(checks) == 1 and checks[0].startswith("  encryption: A stored secret cannot be")


def test_a_part_that_says_nothing_has_no_complaint(web: Web) -> None:
    silent = f"http://127.0.0.1:{free_port()}"
    for url, path in ((web.url, "/readyz"), (web.url, "/nowhere"), (silent, "/readyz"), ("", "")):
        assert Service(Program("x", []), "x", url=url, health_path=path).complaint() == ""
