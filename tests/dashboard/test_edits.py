"""A change goes through one SQL function; its refusal is the database's sentence."""

import pytest

from dashboard.access import auth
from dashboard.data.reporting import read_reporting
from dashboard.data.writes import Refused, is_sentence, send
from dashboard.results import DataUnavailable
from local.stack import Database
from tests.dashboard.stage import PASSWORD, Buddy, refill_caches, settings_of

CHANGE = {"p_time_zone": "Europe/Berlin", "p_week_start": "sunday", "p_reason": "we moved"}


def operator_of(database: Database, buddy: Buddy, role: str) -> auth.Operator:
    refill_caches()
    signed_in = auth.sign_in(settings_of(database), buddy.make_operator(role), PASSWORD)
    return auth.Operator(signed_in.user_id, signed_in.email, role, signed_in)


def test_a_change_is_read_back_at_once(database: Database, buddy: Buddy) -> None:
    founder = operator_of(database, buddy, "founder")
    assert read_reporting(founder).time_zone == "UTC"
    send(founder, "set_reporting", CHANGE, clears=(read_reporting,))
    found = read_reporting(founder)
    assert (found.time_zone, found.week_start) == ("Europe/Berlin", "sunday")


def test_a_refusal_is_the_databases_sentence(database: Database, buddy: Buddy) -> None:
    with pytest.raises(Refused, match="Only founders change how days are counted"):
        send(operator_of(database, buddy, "support"), "set_reporting", CHANGE)
    with pytest.raises(Refused, match="Say why"):
        send(operator_of(database, buddy, "founder"), "set_reporting", {**CHANGE, "p_reason": ""})


def test_what_was_not_written_for_people_is_not_shown(database: Database, buddy: Buddy) -> None:
    founder = operator_of(database, buddy, "founder")
    with pytest.raises(DataUnavailable):
        send(founder, "no_such_function", {})
    assert is_sentence("PT409") and not is_sentence("PGRST202") and not is_sentence(None)
