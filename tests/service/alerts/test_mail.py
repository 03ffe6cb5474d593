"""Alerts by mail: sent once under one Message-ID, tried again, in the clear on loopback alone."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from local.stack.stack import free_port
from service.alerts.draft_mails import DraftMails
from service.alerts.mail import mail, send
from service.answering.outcomes import RetryAt
from tests.service.alerts.conftest import Alerting

TO = "ops@example.com"
# A draft that waits for Ada.
WAITING = """
with ada as (
    insert into public.users (figma_user_id, handle, email) values ('1', 'Ada', 'ada@example.com')
    on conflict (figma_user_id) do update set handle = 'Ada' returning id
), webhook as (
    insert into public.user_webhooks (user_id, context, context_id, passcode_encrypted,
        passcode_hash) select id, 'file', %s, 'x', gen_random_uuid()::text from ada returning id
), asked as (
    insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id, question)
    values ('FILE', %s, 'c', '2', 'is this ok?') returning id
)
insert into public.answer_previews (answer_id, webhook_id, until)
select asked.id, webhook.id, now() + interval '1 day' from asked, webhook returning 1
"""


class Mailbox:
    """What arrived. ``answers``: what is said to the next messages, else that they are taken."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.answers: list[str] = []
        self.refuses: set[str] = set()

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, to: str, *_: Any
    ) -> str:
        if to in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return self.answers.pop(0) if self.answers else "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox, alerting: Alerting) -> Iterator[Controller]:
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    settings = alerting.services.settings
    settings.smtp_url = SecretStr(f"smtp://127.0.0.1:{server.port}")
    settings.mail_from = "Buddy <buddy@example.com>"
    settings.runbook_url = "https://example.com/runbook"
    yield server
    server.stop()


@pytest.mark.usefixtures("smtp")
def test_an_alert_arrives_as_one_mail_however_often_it_is_tried(
    alerting: Alerting, mailbox: Mailbox
) -> None:
    alerting.add_channel(f"mailto:{TO}", "mail")
    [sent] = alerting.happen("new-model\nBcc: everybody@example.com")
    mailbox.answers = ["451 try again later"]
    with pytest.raises(RetryAt):
        alerting.attempt(sent)
    assert alerting.state(sent)["reason"] == "The mail server refuses the message (status 451)."
    alerting.attempt(sent)
    assert (alerting.state(sent)["state"], alerting.state(sent)["status"]) == ("delivered", 250)
    first, second = mailbox.got
    assert first["Message-ID"] == second["Message-ID"] == f"<{sent}@example.com>"
    assert (second["To"], second["From"]) == (TO, "Buddy <buddy@example.com>")
    assert second["Subject"].startswith("Calls without a price: OpenAI new-model Bcc: every")
    assert second["Bcc"] is None
    text = second.get_content()  # type: ignore[attr-defined]
    assert "One call since yesterday counts in no cost." in text
    assert text.strip().endswith("What to do: https://example.com/runbook#unpriced")


def test_an_owner_is_told_once_an_hour_that_drafts_wait(
    alerting: Alerting, mailbox: Mailbox, request: pytest.FixtureRequest
) -> None:
    alerting.rows(WAITING, "a", "a")
    services = alerting.services
    mails = DraftMails(services.settings, services.database)
    # Without a mail server nobody is marked as told.
    assert mails.send_next() is None
    request.getfixturevalue("smtp")
    sent = mails.send_next()
    assert sent and sent.is_delivered
    alerting.rows(WAITING, "b", "b")
    alerting.rows(WAITING, "c", "c")
    assert mails.send_next() is None
    alerting.rows("update public.preview_mails set at = at - interval '61 minutes' returning 1")
    alerting.rows("update public.answer_previews set asked_at = asked_at - interval '62 minutes'"
                  " where answer_id = (select id from public.answers where comment_id = 'a')"
                  " returning 1")  # fmt: skip
    assert mails.send_next()
    assert mails.send_next() is None
    first, second = mailbox.got
    assert (first["To"], first["Subject"]) == ("ada@example.com", "A drafted answer waits for you")
    assert second["Subject"] == "3 drafted answers wait for you"
    text = first.get_content()  # type: ignore[attr-defined]
    assert f"{services.settings.public_url}/account" in text
    assert "is this ok?" not in text


@pytest.mark.usefixtures("smtp")
def test_a_mailbox_that_is_not_there_is_given_up(alerting: Alerting, mailbox: Mailbox) -> None:
    mailbox.refuses = {TO}
    alerting.add_channel(f"mailto:{TO}", "mail")
    [sent] = alerting.happen()
    alerting.attempt(sent)
    state = alerting.state(sent)
    assert (state["state"], state["reason"]) == (
        "failed",
        "The mail server refuses the receiver (status 550).",
    )


def test_without_a_mail_server_it_says_what_is_missing(alerting: Alerting) -> None:
    alerting.add_channel(f"mailto:{TO}", "mail")
    [sent] = alerting.happen()
    alerting.attempt(sent)
    assert alerting.state(sent)["reason"].startswith("SMTP_URL and MAIL_FROM are not set")


def test_no_server_elsewhere_gets_a_mail_in_the_clear(
    smtp: Controller, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one offers no TLS. Its name is not one of this machine's."""
    monkeypatch.setattr("service.alerts.mail._LOOPBACK", ())
    outcome = send(
        SecretStr(f"smtp://user:password@127.0.0.1:{smtp.port}"),
        mail("d1", "buddy@example.com", TO, "A title", "Words."),
    )
    assert outcome.reason == "The mail server offers no TLS or no sign-in."
    assert mailbox.got == []
