"""What strangers are called does nothing in a receiver of alerts."""

import json
import re

import pytest

from service.alerts.inert import inert
from service.alerts.mail import mail
from service.alerts.messages import mail_message, slack_request, webhook_request
from service.figma.addresses import find_addresses
from service.store.upkeep_records import Alert

NAMES = (
    "https://evil.example.com/login?x=a.b", "evil.com", "www.evil.com/a", "ada@evil.com",
    "[Reset your password](https://evil.com)", "<https://evil.com|Log in>", "ftp://evil.com",
    "javascript:alert(1)", "http://203.0.113.7:8080/x", "evil。com", "Ada\n# Heading\n- item",
    "@channel", "@here", "＠everyone", "<!channel>", "*bold* _slanted_ ~gone~ `code`",
    "![](https://evil.com/a.png)", "__init__ \\[x]",
)  # fmt: skip


def quota(name: str) -> Alert:
    parameters = {"tier": 1, "name": name, "until": "2026-11-22T10:00:00+00:00"}
    return Alert("a1", "figma_quota", "", "", parameters, "2026-11-22T10:00:00+00:00", None)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_link_mention_or_markup_in_slack_and_mails(name: str) -> None:
    text = json.loads(slack_request(quota(name))[0])["text"]
    title = text.splitlines()[0].removeprefix(":warning: *").removesuffix("*")
    made = mail_message("d1", quota(name), "b@example.com", "ops@example.com")
    for shown in (title, str(made["Subject"]), inert(name)):
        assert list(find_addresses(shown)) == []
        assert not re.search(r"[*`~\[\]\\]|[@＠]\w|(?<!\w)_|_(?!\w)", shown), shown
    assert not re.search("[<>]", title)
    assert len(text.splitlines()) == 3


def test_a_signed_webhook_gets_it_as_it_is() -> None:
    body, _ = webhook_request("d1", quota(NAMES[0]), "whsec_" + "A" * 32)
    assert NAMES[0] in json.loads(body)["data"]["title"]


def test_what_is_harmless_stays_as_it_is() -> None:
    for name in ("Ada Lovelace", "O'Brien & Søns", "gpt-5-mini", "no_model_answered", "v2.0", "陳"):
        assert inert(name) == name


def test_what_is_over_is_told_as_harmlessly_as_what_began() -> None:
    over = {"id": "a1", "kind": "figma_quota", "title": "", "detail": "", "at": "2026-11-22T10:00Z"}
    over |= {"ended_at": "2026-11-22T11:00Z", "parameters": quota(NAMES[0]).parameters}
    told = Alert("a2", "recovered", "", "", {"over": over}, "2026-11-22T11:00Z", None)
    text = json.loads(slack_request(told)[0])["text"]
    assert "Over: Figma's quota" in text and "https: " in text
    assert list(find_addresses(text.splitlines()[0])) == []


def test_the_addresses_of_the_weekly_report_are_ours_and_stay() -> None:
    money = re.findall(r"\w+", "mrr mrr_start new expansion reactivation contraction churn arr")
    figures = dict.fromkeys((f"{each}_microusd" for each in (*money, "cost", "revenue")), 0)
    counts = "unpriced paying customers_lost customers answers failed active_users trials_started"
    figures |= dict.fromkeys(counts.split(), 1)
    where = {"first": "2026-11-16", "last": "2026-11-22", "address": "https://ops.example.com"}
    report = {**figures, **where, "zone": "Europe/Berlin"}
    told = Alert("a1", "weekly_report", "", "", report, "2026-11-22T10:00:00+00:00", None)
    text = json.loads(slack_request(told)[0])["text"]
    assert "https://ops.example.com/revenue?period=" in text and "(Europe/Berlin)" in text


@pytest.mark.parametrize(
    "receiver",
    ["a@example.com, b@example.com", "a@example.com;b@example.com", "Ada <a@example.com>",
     "a@example.com\nBcc: b@example.com", "a@example.com\n", "a@", "@example.com",
     "a b@example.com", "a@example.com b@example.com", "a@exa mple.com", "a@-example.com",
     '"a,b"@example.com', ""],
)  # fmt: skip
def test_a_mail_has_exactly_one_receiver(receiver: str) -> None:
    with pytest.raises(ValueError, match="one address"):
        mail("d1", "b@example.com", receiver, "title", "text")


def test_a_mail_to_one_receiver_is_made() -> None:
    made = mail("d1", "Buddy <b@example.com>", "ops+alerts@mail.example.com", "title", "text")
    assert made["To"] == "ops+alerts@mail.example.com"
