"""Invitations of operators: who may invite, one mail each time, and who gets in by one."""

from uuid import uuid4

import pytest
from psycopg import errors

from tests.sql.acting import NOBODY, Act, act
from tests.sql.conftest import refused

__all__ = ["act"]

WHY = "she looks after people now"
HERE = "https://buddy.example.com/desk"
STATE = "select state, problem, sends from public.operator_invitations"


def invite(
    act: Act, email: str = "Eva@Example.com", role: str = "support", address: str = HERE
) -> str:
    key = str(uuid4())
    act("founder", "invite_operator", key, email, role, address, WHY)
    return key


def accept_as(sql, email: str, token: str | None) -> bool:
    """Accept with the token of a signed-in account of this address."""
    with sql.connection.transaction():
        sql.connection.execute("set local role authenticated")
        for name, value in {
            "request.jwt.claim.sub": NOBODY,
            "request.jwt.claims": f'{{"sub": "{NOBODY}", "email": "{email}"}}',
        }.items():
            sql.connection.execute("select set_config(%s, %s, true)", (name, value))
        return sql.call("accept_invitation", token)


def test_a_mail_is_begun_once_and_only_its_reader_gets_in(sql, act: Act):
    key = invite(act)
    act("founder", "invite_operator", key, "eva@example.com", "support", HERE, WHY)
    with refused("open invitation"):
        invite(act)
    first = sql.call("take_invitation")
    assert (first["email"], first["address"], first["send"]) == ("eva@example.com", HERE, 1)
    assert sql.call("take_invitation") is None
    with refused("being sent"):
        act("founder", "resend_invitation", key, 1, WHY)
    sql.call("close_invitation_send", key, 1, "mail_not_set_up")
    assert sql.rows(STATE) == [("failed", "mail_not_set_up", 1)]
    with refused("last minute"):
        act("founder", "resend_invitation", key, 1, WHY)
    ago = "update public.operator_invitations set requested_at = now() - interval '2 minutes'"
    sql.rows(f"{ago} returning 1")
    act("founder", "resend_invitation", key, 1, WHY)
    with refused("changed meanwhile"):
        act("founder", "resend_invitation", key, 1, WHY)
    second = sql.call("take_invitation")
    # What is late of the first mail changes nothing of the second.
    sql.call("close_invitation_send", key, 1, "")
    assert sql.rows(STATE) == [("sending", "", 2)]
    sql.call("close_invitation_send", key, 2, "")
    assert sql.rows(STATE) == [("sent", "", 2)]
    token = second["token"]
    wrong = (("eva@example.com", first["token"]), ("mallory@example.com", token),
             ("eva@example.com", None), ("", token))  # fmt: skip
    assert [accept_as(sql, *each) for each in wrong] == [False] * 4
    assert accept_as(sql, "Eva@example.com", token) is True
    assert accept_as(sql, "eva@example.com", token) is False
    role = "select role from public.operators where email = 'eva@example.com'"
    assert sql.rows(role) == [("support",)]
    assert sql.rows(STATE) == [("accepted", "", 2)]
    with refused("operator already"):
        invite(act)
    told = sql.rows(
        "select operation, after ->> 'state', coalesce(before, after) || after ? 'token_hash',"
        " reason from public.audit_log where table_name = 'operator_invitations' order by id"
    )
    assert told == [
        ("INSERT", "sending", False, WHY), ("UPDATE", "failed", False, ""),
        ("UPDATE", "sending", False, WHY), ("UPDATE", "accepted", False, ""),
    ]  # fmt: skip


def test_what_is_expired_removed_or_lost_opens_nothing(sql, act: Act):
    key = invite(act)
    token = sql.call("take_invitation")["token"]
    act("founder", "remove_invitation", key, 1, WHY)
    sql.call("close_invitation_send", key, 1, "")
    assert sql.rows(STATE) == [("removed", "", 1)]
    assert accept_as(sql, "eva@example.com", token) is False
    with refused("is over"):
        act("founder", "resend_invitation", key, 2, WHY)
    invite(act)
    token = sql.call("take_invitation")["token"]
    open_ = "state not in ('removed', 'expired')"
    sql.rows("update public.operator_invitations set taken_at = now() - interval '6 minutes'"
             f" where {open_} returning 1")  # fmt: skip
    assert sql.call("take_invitation") is None
    assert sql.rows(f"{STATE} where {open_}") == [("failed", "send_unknown", 1)]
    over = "update public.operator_invitations set expires_at = now() - interval '1 second'"
    sql.rows(f"{over} where {open_} returning 1")
    assert accept_as(sql, "eva@example.com", token) is False
    # An expired one is in nobody's way; whoever is made an operator by hand has accepted.
    invite(act, role="finance")
    assert [state for state, *_ in sql.rows(f"{STATE} order by state")] == [
        "expired", "removed", "sending",
    ]  # fmt: skip
    sql.call("set_operator", str(uuid4()), "eva@example.com", "support")
    assert sql.rows(f"{STATE} where {open_}") == [("accepted", "", 1)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": "owner"}, "A role is"),
        ({"email": "eva"}, "no e-mail address"),
        ({"address": ""}, "https address"),
        ({"address": "http://buddy.example.com"}, "https address"),
        ({"address": "https://buddy.example.com/?to=evil"}, "https address"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(act: Act, fields, said):
    with refused(said):
        invite(act, **fields)


def test_only_founders_invite_and_a_sixth_mail_is_refused(sql, act: Act):
    for role in ("support", "finance", None):
        with refused("Only founders", errors.InsufficientPrivilege):
            act(role, "invite_operator", str(uuid4()), "e@example.com", "founder", HERE, WHY)
    key = invite(act)
    sql.rows("update public.operator_invitations set state = 'sent', sends = 5,"
             " requested_at = now() - interval '2 minutes' returning 1")  # fmt: skip
    with refused("Five mails"):
        act("founder", "resend_invitation", key, 1, WHY)
