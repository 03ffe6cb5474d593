"""Alerts reach their receivers signed, once, again after a failure, and nowhere else."""

import json
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from service.alerts import delivery as module
from service.alerts import sending
from service.alerts.messages import slack_request, webhook_request
from service.alerts.sending import read_status
from service.alerts.watch import Watch
from service.answering.outcomes import RetryAt
from service.observing.logs import configure_logs
from service.secrets.encryption import UnreadableSecret
from service.secrets.rotate_keys import Outcome, rotate_channels
from service.secrets.unsealing import ChannelAddress, SealingKeys
from service.store.upkeep_records import Alert
from tests.service.alerts.conftest import Alerting, Receiver

# As an older version stored it.
ALERT = Alert(
    "a1", "budget", "80 % of a <budget>", "Look & see.", None, "2026-11-22T10:00:00+00:00", None
)


def test_a_webhook_is_signed_as_standard_webhooks_says(
    alerting: Alerting, receiver: Receiver
) -> None:
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    [(headers, body)] = receiver.got
    said = Webhook(alerting.secret).verify(body, headers)
    assert said["type"] == "alert.unpriced"
    assert said["data"]["state"] == "raised"
    assert said["data"]["runbook"] == "docs/runbook.md#unpriced"
    assert said["data"]["title"] == "Calls without a price: OpenAI new-model"
    assert headers["webhook-id"] == sent
    assert headers["Content-Type"] == "application/json"
    state = alerting.state(sent)
    assert (state["state"], state["status"], state["attempts"]) == ("delivered", 204, 1)


def test_that_it_is_over_is_said_once_under_the_id_of_what_was_said(
    alerting: Alerting, receiver: Receiver
) -> None:
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    alerting.rows("update public.ai_cost_hourly set newly_priced = unpriced returning 1")
    alerting.rows("update public.alerts set seen_at = now() - interval '1 hour' returning 1")
    for _ in range(2):
        alerting.services.database.check_alerts()
    [over] = alerting.services.database.due_alert_deliveries(10)
    alerting.attempt(over)
    first, last = (json.loads(body) for _, body in receiver.got)
    assert (last["type"], last["data"]["state"]) == ("alert.recovered", "recovered")
    assert (last["data"]["id"], last["data"]["kind"]) == (first["data"]["id"], "unpriced")
    assert last["data"]["title"] == "Over: Calls without a price: OpenAI new-model"


def test_a_signature_by_another_secret_or_over_another_body_does_not_verify() -> None:
    body, headers = webhook_request("d1", ALERT, f"whsec_{'QUFB' * 8}")
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{'QkJC' * 8}").verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{'QUFB' * 8}").verify(body + " ", headers)


def test_slack_gets_a_text_in_which_no_stranger_can_mention_anybody() -> None:
    body, headers = slack_request(ALERT)
    assert json.loads(body) == {"text": ":warning: *80 % of a &lt;budget&gt;*\nLook &amp; see.\n"
                                "What to do: docs/runbook.md, entry budget"}  # fmt: skip
    assert headers == {"Content-Type": "application/json"}


def test_slack_is_sent_to_without_a_signature(alerting: Alerting, receiver: Receiver) -> None:
    alerting.add_channel(receiver.url, "slack")
    [sent] = alerting.happen()
    alerting.attempt(sent)
    [(headers, body)] = receiver.got
    assert set(json.loads(body)) == {"text"}
    assert not [name for name in headers if name.lower().startswith("webhook-")]


def test_a_failed_attempt_is_repeated_under_the_same_id_until_it_is_taken(
    alerting: Alerting, receiver: Receiver
) -> None:
    receiver.answers = [500, 429]
    receiver.headers = {"Retry-After": "300"}
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    for waits in (5, 30):
        with pytest.raises(RetryAt) as later:
            alerting.attempt(sent)
        # The receiver asked for more time than the schedule would give it.
        assert later.value.at > datetime.now(UTC) + timedelta(seconds=max(waits, 250))
        assert alerting.state(sent)["state"] == "pending"
    alerting.attempt(sent)
    assert alerting.state(sent)["state"] == "delivered"
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {sent}
    alerting.attempt(sent)
    assert len(receiver.got) == 3


def test_after_the_last_attempt_it_is_given_up_with_a_plain_reason(
    alerting: Alerting, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITS", (5,))
    receiver.answers = [503, 503, 503]
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    with pytest.raises(RetryAt):
        alerting.attempt(sent)
    alerting.attempt(sent)
    state = alerting.state(sent)
    assert (state["state"], state["reason"]) == (
        "failed",
        "The receiver answered with status 503.",
    )
    assert len(receiver.got) == 2


def test_a_redirect_is_not_followed(alerting: Alerting, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [302], {"Location": receiver.url}
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    assert len(receiver.got) == 1
    assert alerting.state(sent)["reason"].startswith("The receiver redirects (status 302)")


def test_410_from_a_webhook_switches_the_channel_off(
    alerting: Alerting, receiver: Receiver
) -> None:
    receiver.answers = [410]
    alerting.add_channel(receiver.url)
    alerting.attempt(alerting.happen()[0])
    assert alerting.rows("select state, state_reason from public.alert_channels") == [
        ("off", "The receiver answered 410 Gone: it wants no more alerts.")
    ]
    assert alerting.happen("another-model") == []


@pytest.mark.parametrize(
    ("status", "is_final"), [(403, True), (404, True), (429, False), (500, False)]
)
def test_slack_says_for_good_that_an_address_is_not_valid(status: int, is_final: bool) -> None:
    outcome = read_status("slack", status)
    assert (outcome.is_delivered, outcome.is_final) == (False, is_final)


def test_a_receiver_that_is_away_is_tried_again(alerting: Alerting) -> None:
    alerting.add_channel("http://127.0.0.1:9/hook")
    [sent] = alerting.happen()
    with pytest.raises(RetryAt):
        alerting.attempt(sent)
    assert alerting.state(sent)["reason"] == "The receiver cannot be reached."


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_receiver_that_answers_byte_by_byte_is_left_at_the_deadline(
    alerting: Alerting, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    with dripping(beginning) as url:
        alerting.add_channel(url)
        [sent] = alerting.happen()
        with pytest.raises(RetryAt):
            alerting.attempt(sent)
    state = alerting.state(sent)
    assert (state["state"], state["reason"]) == (
        "pending", "The receiver did not answer in time."
    )  # fmt: skip


@contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """A receiver whose answer goes on for as long as somebody listens; it ends with the caller."""
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.sendall(beginning)
                while True:
                    connection.sendall(b"H")
                    time.sleep(0.01)

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/drip"
    thread.join()
    server.close()


def test_the_certificate_is_asked_for_by_name_and_has_to_be_valid(alerting: Alerting) -> None:
    with tls_server() as (port, names):
        alerting.add_channel(f"https://localhost:{port}/hook")
        [sent] = alerting.happen()
        with pytest.raises(RetryAt):
            alerting.attempt(sent)
    assert names == ["localhost"]
    state = alerting.state(sent)
    assert state["reason"] == "The receiver's certificate is not valid for its name."


@pytest.mark.parametrize("url", ["https://169.254.169.254/latest", "https://10.0.0.1/x"])
def test_an_address_inside_our_network_is_refused_for_good(alerting: Alerting, url: str) -> None:
    alerting.add_channel(url)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    state = alerting.state(sent)
    assert (state["state"], state["status"]) == ("failed", None)
    assert state["reason"] == "The address is refused. It leads into a private network."


def test_a_service_on_the_internet_does_not_speak_to_loopback(
    alerting: Alerting, receiver: Receiver
) -> None:
    alerting.services.settings.figma_redirect_uri = "https://buddy.example/api/auth/figma-oauth"
    alerting.add_channel(receiver.url)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    assert receiver.got == []
    assert alerting.state(sent)["reason"] == "The address is refused. It is not https."


def test_a_seal_opens_for_its_own_channel_alone(alerting: Alerting, receiver: Receiver) -> None:
    keys = SealingKeys(alerting.services.settings)
    channel = alerting.add_channel(receiver.url)
    [(sealed,)] = alerting.rows("select sealed from public.alert_channel_secrets")
    assert keys.open(channel, sealed) == ChannelAddress(receiver.url, alerting.secret)
    assert "verysecretpart" not in sealed
    with pytest.raises(UnreadableSecret):
        keys.open("another", sealed)


def test_an_address_sealed_for_a_lost_key_is_a_plain_failure(
    alerting: Alerting, receiver: Receiver
) -> None:
    other = make_key(alerting, "b" * 43 + "=")
    alerting.add_channel(receiver.url, sealing_key=other.public)
    [sent] = alerting.happen()
    alerting.attempt(sent)
    assert "TOKEN_ENCRYPTION_KEYS" in alerting.state(sent)["reason"]


def test_addresses_move_to_a_new_key(alerting: Alerting, receiver: Receiver) -> None:
    channel = alerting.add_channel(receiver.url)
    settings = alerting.services.settings
    new = settings.token_encryption_keys[0].__class__("b" * 43 + "=")
    both = SealingKeys(
        settings.model_copy(
            update={"token_encryption_keys": (new, *settings.token_encryption_keys)}
        )
    )
    assert rotate_channels(alerting.services.database, both) == Outcome(rotated=1)
    [(sealed,)] = alerting.rows("select sealed from public.alert_channel_secrets")
    alone = SealingKeys(settings.model_copy(update={"token_encryption_keys": (new,)}))
    assert alone.open(channel, sealed).url == receiver.url
    with pytest.raises(UnreadableSecret):
        SealingKeys(settings).open(channel, sealed)


def test_nothing_secret_is_logged_or_written_down(
    alerting: Alerting,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
    logging_as_before: None,
) -> None:
    configure_logs(alerting.services.settings)
    receiver.answers = [500]
    alerting.add_channel(receiver.url, "slack")
    [sent] = alerting.happen()
    with pytest.raises(RetryAt):
        alerting.attempt(sent)
    logged = "".join(capsys.readouterr())
    assert sent in logged
    kept = alerting.rows("select row_to_json(a)::text from public.audit_log as a")
    kept += alerting.rows("select row_to_json(d)::text from public.alert_deliveries as d")
    assert "verysecretpart" not in logged + str(kept)


def test_web_delivers_itself_while_no_worker_runs(alerting: Alerting, receiver: Receiver) -> None:
    alerting.add_channel(receiver.url)
    alerting.happen()
    watch = Watch(alerting.services)
    alerting.rows(
        "insert into queue.procrastinate_workers (last_heartbeat) values (now()) returning 1"
    )
    assert watch.look() == 0
    alerting.rows("delete from queue.procrastinate_workers returning 1")
    assert watch.look() == 1
    assert watch.look() == 0
    assert len(receiver.got) == 1


@contextmanager
def tls_server(pem: bytes = b"") -> Iterator[tuple[int, list[str | None]]]:
    """Takes one connection with ``pem``, or with a certificate nobody vouches for; its port, the
    names asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem or self_signed("localhost"))
        file.flush()
        context.load_cert_chain(file.name)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take_one() -> None:
            taken, _ = listening.accept()
            with taken, suppress(ssl.SSLError, OSError):
                context.wrap_socket(taken, server_side=True).close()

        thread = threading.Thread(target=take_one)
        thread.start()
        yield listening.getsockname()[1], names
        thread.join()


def self_signed(name: str) -> bytes:
    """A certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(names)
        .issuer_name(names)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, form, serialization.NoEncryption()) + made.public_bytes(pem)


def make_key(alerting: Alerting, key: str) -> SealingKeys:
    settings = alerting.services.settings
    secret = settings.token_encryption_keys[0].__class__(key)
    return SealingKeys(settings.model_copy(update={"token_encryption_keys": (secret,)}))
