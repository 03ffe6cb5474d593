"""The pages that anybody may read: help from the facts of the code, the status, security.txt."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import httpx

from service.answering import wording
from service.config import FIGMA_SCOPES
from service.errors import Unavailable
from service.figma.addressing import Command
from service.model_sharing import LEVELS
from service.web import help_facts
from service.web.kept_facts import KeptFact
from tests.service.web.conftest import Person, Web


def text_of(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_help_says_what_the_code_goes_by(web: Web) -> None:
    assert set(help_facts.COMMANDS) == set(get_args(Command))
    assert set(FIGMA_SCOPES) <= set(help_facts.SCOPES)
    for command in help_facts.COMMANDS:
        assert re.search(rf"^- (?:.*, or )?{command}\b", wording.HELP, re.M), command
    page = text_of(web.person().http.get("/help"))
    for command, meaning in help_facts.COMMANDS.items():
        assert f"@buddy {command} {meaning}" in page
    for name, words in LEVELS.values():
        assert name in page and words in page
    assert "Pro $10 a month for each user: 500 uses a month" in page
    web.change(
        "insert into public.plans (code, valid_from, name, price_microusd, per, uses, period)"
        " values ('pro', now(), 'Pro', 12500000, 'user', 600, 'month')"
    )
    web.app.extensions["web"].plans._next = 0.0
    assert "Pro $12.50 a month for each user: 600 uses a month" in text_of(
        web.person().http.get("/help")
    )
    limits = help_facts.limits(web.services.settings, web.app.extensions["web"].live.current())
    assert all(words in page for _, words in limits)


def test_help_and_status_are_found_from_every_page(web: Web, ada: Person) -> None:
    for path in ("/", "/account", "/help", "/docs/rules", "/status"):
        links = re.findall(r'href="([^"]+)"', ada.http.get(path).text)
        assert {"/help"} <= {link.partition("#")[0] for link in links}, path


def test_the_status_tells_states_and_incidents_and_nothing_of_a_customer(web: Web) -> None:
    web.change(
        """
        insert into public.alerts (kind, subject, title, parameters, at, ended_at)
        select * from (values
            ('error_budget', 'answered', 'x', '{"cases": 4711}'::jsonb,
                now() - interval '2 days', now()),
            ('no_worker', 'builds', 'x', '{}', now() - interval '1 hour', null),
            ('author_limit', 'Ada Okafor', 'Ada Okafor', '{}', now(), null)) as told
        """
    )
    web.change("insert into queue.procrastinate_workers default values")
    web.change(
        "insert into public.reliability_daily (team_id, day, plan_code, error_code, answered,"
        " failed, latency_histogram, model_latency_histogram, figma_latency_histogram)"
        " values (%s, current_date - 1, 'pro', '', 4713, 900, '{}', '{}', '{}')",
        "00000000-0000-0000-0000-000000000000",
    )
    answer = web.person().http.get("/status")
    page = text_of(answer)
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert "Something does not work" in page and "Components Does not work" in page
    assert "Answers in comments Works" in page and "Sign-in and pages Works" in page
    assert "Nobody worked on components goes on" in page
    assert "1 day not fine" in page and "many failed" in page
    for private in ("Ada", "4711", "4713", "900", "author"):
        assert private not in page, private
    # A load of people asks the database once.
    asked = []
    kept = web.app.extensions["web"].status
    kept._read = lambda: asked.append(1)
    for _ in range(20):
        assert web.person().http.get("/status").status_code == 200
    assert asked == []


def test_without_its_database_the_service_says_so_on_its_pages(serve: Callable[..., Web]) -> None:
    web = serve()
    parts = web.app.extensions["web"]

    def away() -> None:
        raise Unavailable("The database cannot answer right now.", retry_after=5)

    web.app.extensions["web"] = replace(parts, status=KeptFact(away, 30), plans=KeptFact(away, 300))
    status = web.person().http.get("/status")
    assert status.status_code == 200 and "Our database cannot be reached" in status.text
    assert "nobody can sign in" in text_of(status)
    assert web.person().http.get("/help").status_code == 200
    # What was known before stands beside it, with its time.
    known = KeptFact(web.services.database.public_status, 0.0)
    known.get()
    known._read = away
    web.app.extensions["web"] = replace(parts, status=known)
    page = text_of(web.person().http.get("/status"))
    assert "What follows is of" in page and "Answers in comments Does not work" in page


def test_security_txt_is_as_rfc_9116_wants_it(serve: Callable[..., Web]) -> None:
    web = serve(support_url="mailto:help@buddy.example", security_contact="")
    answer = web.person().http.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:help@buddy.example"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)
    assert fields["Canonical"] == f"{web.url}/.well-known/security.txt"
    assert fields["Policy"].startswith(web.url)
    web.app.extensions["web"] = replace(
        web.app.extensions["web"],
        settings=web.services.settings.model_copy(update={"support_url": ""}),
    )
    assert web.person().http.get("/.well-known/security.txt").status_code == 404
