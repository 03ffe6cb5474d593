"""The drill of alerts: every kind is tried or said to be made of rows, and each way to be wrong is
named."""

from typing import Any

import pytest
from pydantic import SecretStr

from bench.alarms.catcher import RECEIVER, catching
from bench.alarms.faults import FAULTS, FROM_ROWS
from bench.alarms.judging import Course, Seen, judge
from service.alert_sentences import KINDS
from service.alerts.mail import mail, send

ALERT = Seen("a", "disk", "database", at=110.0, ended=900.0)
RAISED, OVER = ("a", "raised", "Full", 112.0), ("a", "recovered", "Over: Full", 901.0)
OTHER = ("b", "raised", "Full", 113.0)


def judged(**changes: Any) -> tuple[dict[str, Any], str]:
    course = Course("disk", "disk", "data", "a full disk", "", has_end=True, doctor_check="disk")
    course.struck, course.cured = 100.0, 200.0
    for name in ("trouble", "has_end", "subject"):
        setattr(course, name, changes.pop(name, getattr(course, name)))
    given: dict[str, Any] = {
        "seen": [ALERT],
        "webhooks": [RAISED, OVER],
        "mails": ["Full", "Over: Full"],
        "complaints": {"disk": "failed"},
    }
    return judge(course, **{**given, **changes})


def test_every_kind_is_tried_or_left_out_with_a_reason() -> None:
    tried = {each.kind for each in FAULTS}
    assert tried | FROM_ROWS.keys() == KINDS
    assert not tried & FROM_ROWS.keys()
    assert len({each.name for each in FAULTS}) == len(FAULTS)


def test_what_was_told_once_and_is_over_is_right() -> None:
    row, wrong = judged()
    assert wrong == ""
    assert (row["raised_s"], row["told"], row["over_s"], row["over_told"]) == (
        10, "1 + 1", 700, "1 + 1"
    )  # fmt: skip
    assert row["doctor"] == "failed"
    # Two occurrences with one title are told by a mail each.
    both = {"webhooks": [RAISED, OTHER, OVER], "mails": ["Full", "Full", "Over: Full"]}
    assert judged(**both)[1] == ""
    assert judged(has_end=False, webhooks=[RAISED], mails=["Full"])[1] == ""


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"trouble": "no loop mount here"}, "no loop mount"),
        ({"seen": []}, "raised 0 times"),
        ({"subject": "machine"}, "raised 0 times"),
        ({"seen": [ALERT, ALERT]}, "raised 2 times"),
        ({"webhooks": [RAISED, RAISED, OVER]}, "told 2 times by webhook"),
        ({"mails": ["Over: Full"]}, "0 by mail"),
        ({"webhooks": [("a", "raised", "Full", 230.0), OVER]}, "told 30 s after the cure"),
        ({"seen": [Seen("a", "disk", "database", 110.0, None)]}, "not over"),
        ({"webhooks": [RAISED], "mails": ["Full"]}, "its end told 0"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], wrong: str) -> None:
    assert wrong in judged(**changes)[1]


def test_a_mail_arrives_at_the_catcher() -> None:
    with catching() as caught:
        message = mail("id", "buddy@example.com", RECEIVER, "Full", "It is full.")
        assert send(SecretStr(caught.smtp_url), message).is_delivered
        assert caught.mails == ["Full"]
