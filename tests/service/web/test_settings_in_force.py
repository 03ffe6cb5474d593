"""What founders set on the dashboard reaches a running web process within seconds."""

import time
from typing import Any

import pytest

from tests.service.web.conftest import CHECKOUT, Person, Web, design_link
from tests.service.web.test_receiver import comment, hook, outcome, send

__all__ = ["hook"]


def set_to(web: Web, code: str, value: str) -> None:
    web.change(
        "insert into public.product_settings (code, value) values (%s, %s)"
        " on conflict (code) do update set value = excluded.value",
        code,
        value,
    )


def test_another_trigger_counts_without_a_restart(web: Web, hook: dict[str, Any]) -> None:
    assert outcome(send(web, comment(comment_id="1"))) == (200, "queued")
    set_to(web, "triggers", '["@ink", "/ask"]')
    deadline = time.monotonic() + 30
    number = 1
    while True:
        number += 1
        answer = outcome(send(web, comment("@ink is this ok?", comment_id=str(number))))
        if answer == (200, "queued"):
            break
        assert answer == (200, "ignored")
        assert time.monotonic() < deadline, "the new trigger is not in force"
        time.sleep(0.1)
    assert outcome(send(web, comment("@buddy hello", comment_id="old"))) == (200, "ignored")
    assert len(web.rows("select 1 from public.answers where comment_id = %s", str(number))) == 1
    assert "@ink" in web.person().ask("GET", "/").text


@pytest.mark.parametrize(("given", "kept"), [({}, "ignore"), ({"guest_rule": "invite"}, "invite")])
def test_a_new_webhook_takes_the_guest_rule_that_is_set_unless_its_owner_says_so(
    web: Web, ada: Person, given: dict[str, str], kept: str
) -> None:
    set_to(web, "guest_rule", '"ignore"')
    web.app.extensions["web"].live.refresh()
    made = ada.switch_on(design_link(CHECKOUT), **given)
    assert made.json()["webhook"]["guest_rule"] == kept
