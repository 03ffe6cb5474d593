"""Invitations as Supabase Auth is asked to send them, and what went wrong as a code."""

from uuid import uuid4

import httpx
import pytest
from supabase_auth.errors import AuthApiError, AuthRetryableError, AuthUnknownError

from service.inviting.invitation_mails import problem_of
from service.inviting.invitations import Invitations
from service.store.database import Database as ServiceDatabase
from service.store.sql_calls import open_client
from tests.sql.admin_api import admin_api
from tests.sql.conftest import Sql

WAITS = """
    insert into public.operator_invitations (id, email, role, address, invited_by, expires_at)
    values (%s, %s, 'support', 'https://buddy.example.com/', 'f@example.com',
        now() + interval '1 day') returning 1
"""
STATE = "select email, state, problem from public.operator_invitations order by email"


def test_each_that_waits_is_sent_once_with_its_own_secret(database, settings):
    sql, invited = Sql(database.admin_url), []
    account = {"email": "has@example.com", "password": "correct-horse-9"}
    httpx.post(f"{database.supabase_url}/auth/v1/signup", json=account,
               headers={"apikey": database.anon_key}).raise_for_status()  # fmt: skip
    for email in ("bounces@example.com", "eva@example.com", "has@example.com"):
        sql.rows(WAITS, str(uuid4()), email)
    with admin_api(database, invited) as url:
        hosted = settings.model_copy(update={"supabase_url": url})
        stored = ServiceDatabase(open_client(hosted, 2, 10))
        invitations = Invitations(hosted, stored)
        sent = [invitations.send_next() for _ in range(4)]
        stored.close()
    assert [each and each.problem for each in sent] == ["mail_not_set_up", "", "", None]
    assert [each["email"] for each in invited] == [
        "bounces@example.com", "eva@example.com", "has@example.com",
    ]  # fmt: skip
    # Who has an account is sent a sign-in link instead.
    sql.connection.execute("reset role")
    linked = sql.rows("select email from auth.users where recovery_token <> ''")
    assert linked == [("has@example.com",)]
    where = [each["redirect_to"] for each in invited]
    assert all(each.startswith("https://buddy.example.com/?invitation=") for each in where)
    assert where[0] != where[1]
    assert sql.rows(STATE) == [
        ("bounces@example.com", "failed", "mail_not_set_up"), ("eva@example.com", "sent", ""),
        ("has@example.com", "sent", ""),
    ]  # fmt: skip
    kept = sql.rows("select token_hash from public.operator_invitations")
    assert not any(hash_ in each for (hash_,) in kept for each in where)
    sql.connection.close()


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (AuthApiError("Too many", 429, "over_email_send_rate_limit"), "too_many_mails"),
        (AuthApiError("Too many", 429, None), "too_many_mails"),
        (AuthApiError("Not a member", 400, "email_address_not_authorized"), "mail_not_set_up"),
        (AuthApiError("Error sending invite email", 500, "unexpected_failure"), "mail_not_set_up"),
        (AuthApiError("Bad", 400, "email_address_invalid"), "address_refused"),
        (AuthApiError("No", 401, "no_authorization"), "key_refused"),
        (AuthApiError("Off", 422, "email_provider_disabled"), "mail_switched_off"),
        (AuthApiError("What?", 422, "of_a_newer_version"), "refused"),
        (AuthRetryableError("Bad gateway", 502), "send_unknown"),
        (AuthUnknownError("?", ValueError()), "send_unknown"),
    ],
)
def test_what_supabase_says_becomes_a_code_with_a_sentence(error, problem):
    assert problem_of(error) == problem
