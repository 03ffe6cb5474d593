"""What Figma's refusals are said to mean, and where nothing is claimed."""

from types import SimpleNamespace
from typing import Any

import pytest

from service.config import Settings
from service.errors import Conflict, ServiceError
from service.figma.errors import FigmaCode, FigmaError
from service.figma.link_parsing import parse_link
from service.figma.records import Context
from service.switching.refusals import (
    SLOTS,
    Place,
    explain,
    explain_creation,
    paused_here_alone,
    removed_here_alone,
)
from service.switching.switching_on import Switching

ADDRESS = "https://buddy.example.com/api/figma-comment-webhook"
PLACES = [Place(context, "1", "Label") for context in SLOTS]


def refused() -> FigmaError:
    return FigmaError("bad_request", "change its webhook", figma_status=400)


@pytest.mark.parametrize("place", PLACES)
def test_reading_changing_and_removing_claim_no_used_up_slots(place: Place) -> None:
    error = refused()
    assert explain(error, place) is error
    assert "webhooks" not in error.message and error.code == "bad_request"


@pytest.mark.parametrize("place", PLACES)
def test_slots_are_used_up_only_when_as_many_were_counted(place: Place) -> None:
    limit = SLOTS[place.context]
    full = explain_creation(refused(), place, limit, ADDRESS)
    assert full.code == "slots_used_up" and f"{limit} webhooks" in full.message
    free = explain_creation(refused(), place, limit - 1, ADDRESS)
    assert free.code == "webhook_refused" and ADDRESS in free.message
    assert "all are in use" not in free.message


@pytest.mark.parametrize(
    ("context", "code"), [("team", "not_team_admin"), ("project", "cannot_edit")]
)
def test_making_one_says_the_rest_as_elsewhere(context: Context, code: str) -> None:
    place = Place(context, "1", "Label")
    forbidden = FigmaError("forbidden", "make a webhook", figma_status=403)
    assert explain_creation(forbidden, place, 99, ADDRESS).code == code
    assert explain(forbidden, place).code == code


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("forbidden", "because your account may not change webhooks there."),
        ("rate_limited", "because it allows your account no more calls for now."),
        ("scope_missing", "because its connection to your account does not allow that."),
        ("token_invalid", "because it no longer accepts the buddy's connection to your account."),
        ("figma_down", "because it has trouble just now."),
        ("not_found", "it is gone, or you may no longer edit there."),
    ],
)
def test_what_holds_here_alone_is_said_with_figmas_reason(code: FigmaCode, cause: str) -> None:
    error = FigmaError(code, "change its webhook")
    paused, removed = paused_here_alone("Shop", error), removed_here_alone("Shop", error, False)
    for sentence in (paused, removed):
        assert cause in sentence and "answers nobody there" in sentence
        assert "switch" not in sentence and "seven days" not in sentence
    assert "go on trying for seven days" in removed_here_alone("Shop", error, True)


def test_figma_is_not_asked_to_deliver_where_it_cannot(settings: Settings) -> None:
    class Nobody:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    assert settings.is_local and not settings.is_found_by_figma
    services = SimpleNamespace(settings=settings, database=Nobody(), tokens=Nobody())
    target = parse_link("https://www.figma.com/design/ChkOut7Qm2VxLpR4tYw8Za/A")
    with pytest.raises(Conflict) as raised:
        Switching(services).switch_on("user", target, "invite")  # type: ignore[arg-type]
    error: ServiceError = raised.value
    assert error.code == "webhook_url_not_public"
    assert settings.webhook_url in error.message and "tunnel" in error.message
