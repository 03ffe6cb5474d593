"""Alert channels on the page Settings: add, test, change, remove, send again."""

import json
from typing import Any

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.settings.alert_kinds import AddressProblem, read_address
from local.stack import Database
from service.config import Settings
from service.secrets.unsealing import ChannelAddress, SealingKeys
from tests.dashboard.stage import Buddy, refill_caches, words
from tests.dashboard.test_behaviour_forms import DEFAULTS
from tests.dashboard.test_setting_forms import open_section, save

URL = "https://hooks.slack.com/services/T0/B0/verysecretpart"


@pytest.fixture
def keys(buddy: Buddy, settings: Settings) -> SealingKeys:
    """Those of a worker that has started."""
    made = SealingKeys(settings)
    buddy.call("announce_service", made.public, json.dumps(DEFAULTS))
    return made


def field(router: AppTest, label: str) -> Any:
    [found] = [each for each in router.text_input if each.label == label]
    return found


def add(router: AppTest, sort: str = "webhook", url: str = URL, name: str = "Pager") -> None:
    router.segmented_control(key="channel_sort").set_value(sort).run()
    field(router, "Name").set_value(name)
    field(router, "Address").set_value(url)
    save(router, "channel_reason")


def pick(router: AppTest, buddy: Buddy) -> str:
    [(channel,)] = buddy.rows("select id::text from public.alert_channels")
    router.selectbox(key="channel").set_value(channel).run()
    assert not router.exception
    return channel


def sealed(buddy: Buddy, keys: SealingKeys) -> ChannelAddress:
    [(channel, text)] = buddy.rows(
        "select channel_id::text, sealed from public.alert_channel_secrets"
    )
    return keys.open(channel, text)


def end_test(buddy: Buddy, state: str, status: int, reason: str = "") -> None:
    """What a worker would do."""
    [(delivery,)] = buddy.rows("select id from public.alert_deliveries where state = 'pending'")
    buddy.call("begin_alert_delivery", delivery, 60)
    buddy.call("end_alert_delivery", delivery, 1, state, status, reason, None, False)


def test_a_webhook_is_added_and_its_secret_shown_once(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    founder = open_section(router, buddy, "Alerts")
    assert "No channel yet" in str(router.info[0].proto)
    add(router)
    [secret] = [each.value for each in router.code]
    assert sealed(buddy, keys) == ChannelAddress(URL, secret)
    table = router.dataframe[0].value
    assert list(table["Host"]) == ["hooks.slack.com"]
    assert list(table["Alerts"]) == ["all"]
    log = buddy.rows("select actor, reason, after::text from public.audit_log"
                     " where table_name = 'alert_channels'")  # fmt: skip
    assert log[0][:2] == (founder, "as agreed on Monday")
    assert "verysecretpart" not in log[0][2] and secret not in log[0][2]
    [done] = [each for each in router.button if each.label == "I have copied it"]
    done.click().run()
    assert not router.code
    router.run()
    assert not router.code


def test_an_address_of_mail_is_sealed_and_known_by_its_host(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    add(router, "mail", "ops at example.com", "Night")
    assert "Enter one address of mail" in router.error[0].value
    field(router, "Address").set_value("ops@example.com")
    save(router, "channel_reason")
    assert sealed(buddy, keys) == ChannelAddress("mailto:ops@example.com", None)
    assert list(router.dataframe[0].value["Host"]) == ["example.com"]
    assert not router.code


def test_a_test_is_sent_and_its_result_shown(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    add(router)
    pick(router, buddy)
    router.button(key="send_test").click().run()
    assert "No worker is running, so the test waits" in words(router)
    end_test(buddy, "delivered", 204)
    router.run()
    assert "The receiver took the test (status 204)." in [each.value for each in router.success]
    router.button(key="send_test").click().run()
    assert "A test was sent a moment ago" in words(router)


def test_a_test_that_did_not_arrive_says_why_and_is_sent_again(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    add(router)
    pick(router, buddy)
    router.button(key="send_test").click().run()
    end_test(buddy, "failed", 404, "The receiver does not know this address.")
    router.run()
    assert "The test did not arrive. The receiver does not know this address." in words(router)
    assert "given up" in router.dataframe[1].value["Sent to"][0]
    [again] = [each for each in router.button if each.label == "Send it again"]
    again.click().run()
    assert not router.exception
    found = buddy.rows("select state, attempts from public.alert_deliveries")
    assert found == [("pending", 0)]


def test_a_slack_channel_is_changed_keeps_its_address_and_is_removed(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    add(router, "slack")
    assert sealed(buddy, keys) == ChannelAddress(URL)
    assert not router.code
    pick(router, buddy)
    kinds = next(each for each in router.pills if each.label == "Alerts")
    kinds.set_value(["budget"])
    [is_on] = [each for each in router.checkbox if each.label == "Switched on"]
    is_on.set_value(False)
    save(router, "channel_reason")
    assert sealed(buddy, keys).url == URL
    found = buddy.rows("select kinds, state, version from public.alert_channels")
    assert found == [(["budget"], "off", 2)]
    assert router.button(key="send_test").disabled
    router.text_input(key="channel_reason").set_value("moved away")
    [button] = [each for each in router.button if each.label.startswith("Remove")]
    button.click().run()
    assert buddy.rows("select state from public.alert_channels") == [("removed",)]
    assert buddy.rows("select 1 from public.alert_channel_secrets") == []


def test_alerts_are_read_in_words_those_of_an_older_version_too(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    buddy.rows(
        "insert into public.alerts (kind, subject, title, detail, at) values"
        " ('budget', 'a', 'Everything has reached 80 %', 'Look.', now() - interval '1 day')"
        " returning 1"
    )
    open_section(router, buddy, "Alerts")
    add(router)
    pick(router, buddy)
    router.button(key="send_test").click().run()
    router.text_input(key="channel_reason").set_value("moved away")
    [button] = [each for each in router.button if each.label.startswith("Remove")]
    button.click().run()
    assert not router.exception
    latest = router.dataframe[-1].value
    assert list(latest["Alert"]) == ["This is a test", "Everything has reached 80 %"]
    assert latest["What it means"][0].startswith("Alerts of Figma AI Buddy arrive here.")
    assert list(latest["State"]) == ["• Told", "• Told"]
    assert list(latest["What to do"]) == ["", "docs/runbook.md, entry budget"]
    assert any("RUNBOOK_URL" in each.value for each in router.caption)
    assert list(latest["Sent to"]) == [
        "Pager: not sent (The channel was removed.)",
        "no channel wanted it",
    ]


def test_a_new_address_brings_a_new_secret(
    router: AppTest, buddy: Buddy, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    add(router)
    old = sealed(buddy, keys)
    pick(router, buddy)
    assert (field(router, "New address").value, field(router, "Why").value) == ("", "")
    field(router, "New address").set_value("https://example.com/new")
    save(router, "channel_reason")
    new = sealed(buddy, keys)
    assert new.url == "https://example.com/new"
    assert new.secret != old.secret
    assert [each.value for each in router.code] == [new.secret]


def test_without_a_workers_key_no_address_is_taken(router: AppTest, buddy: Buddy) -> None:
    open_section(router, buddy, "Alerts")
    assert "No worker has started" in words(router)
    assert not [each for each in router.text_input if each.label == "Address"]


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, buddy: Buddy, database: Database, keys: SealingKeys
) -> None:
    open_section(router, buddy, "Alerts")
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("revoke select on public.alert_channels from authenticated")
        try:
            refill_caches()
            router.run()
        finally:
            connection.execute("grant select on public.alert_channels to authenticated")
    assert not router.exception
    assert any("cannot be read right now" in each.value for each in router.error)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "beginning with https://"),
        ("hooks.slack.com/x", "beginning with https://"),
        ("https://exa mple.com/", "beginning with https://"),
        ("https://[::1", "beginning with https://"),
        ("http://example.com/x", "has to begin with https://"),
        ("https://me:pw@example.com/x", "user name and password"),
        ("https://example.com:8443/x", "Leave out the port"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_at_once(url: str, said: str) -> None:
    with pytest.raises(AddressProblem, match=said):
        read_address(url, None)


def test_an_address_is_known_by_its_host_and_never_shown() -> None:
    place = read_address("  http://127.0.0.1:9000/secret ", "whsec_x")
    assert (place.url, place.host) == ("http://127.0.0.1:9000/secret", "127.0.0.1:9000")
    assert repr(place) == "Place(127.0.0.1:9000)"
