"""Each check of another service, broken on purpose: that service is a server on loopback."""

import datetime
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from doctor import machine_checks
from doctor.address_checks import judge_certificate
from doctor.database_checks import judge_clock
from doctor.machine_checks import GB, judge_disk
from doctor.world import World
from service.github.app_tokens import PERMISSIONS
from service.store.artifact_store import BUCKET
from tests.doctor.conftest import Other, is_told, look

RPC = "POST /rest/v1/rpc/queue_status"
AUTH = "GET /auth/v1/settings"
TRACES = "POST /v1/traces"
WELL = {
    "traces": {TRACES: (200, {})},
    "supabase": {"GET /auth/v1/health": (200, {})},
    "anon_key": {AUTH: (200, {}), RPC: (401, {"code": "42501"})},
    "service_key": {RPC: (200, {})},
    "sign_ups": {AUTH: (200, {"disable_signup": True})},
    "storage": {f"GET /storage/v1/bucket/{BUCKET}": (200, {"public": False})},
    "figma": {"GET /v1/me": (403, {})},
    "figma_bot": {"GET /v1/me": (200, {"id": "1", "handle": "Buddy", "email": "b@example.com"})},
    "models": {"GET /v1/models": (200, {"data": [{"id": "gpt-5-mini"}]})},
    "github": {"GET /app": (200, {"slug": "buddy", "permissions": PERMISSIONS})},
    "web": {"GET /readyz": (200, {"checks": {"database": "ok"}})},
    "webhook_endpoint": {
        "POST /api/figma-comment-webhook": (404, {"error": {"code": "unknown_webhook"}})
    },
}
# check: what the service answers instead, how that is judged, and what is said.
BROKEN = [
    ("traces", {TRACES: (404, {})}, "warning", "refused there with status 404"),
    ("supabase", {"GET /auth/v1/health": (503, {})}, "failed", "answers with status 503"),
    ("anon_key", {AUTH: (401, {})}, "failed", "does not accept SUPABASE_ANON_KEY"),
    ("anon_key", {AUTH: (200, {}), RPC: (200, {})}, "failed", "strangers may call"),
    ("service_key", {RPC: (401, {})}, "failed", "is not accepted"),
    ("service_key", {RPC: (403, {"code": "42501"})}, "failed", "has not the rights"),
    ("service_key", {RPC: (500, {})}, "failed", "ended with status 500"),
    ("sign_ups", {AUTH: (200, {"disable_signup": False})}, "failed", "make themselves an account"),
    ("storage", {f"GET /storage/v1/bucket/{BUCKET}": (200, {"public": True})}, "failed", "public"),
    ("storage", {f"GET /storage/v1/bucket/{BUCKET}": (500, {})}, "failed", "status 500"),
    ("figma", {"GET /v1/me": (502, {})}, "warning", "answers with status 502"),
    ("figma_bot", {"GET /v1/me": (403, {"status": 403, "err": "Invalid token"})}, "failed",
     "Figma refuses FIGMA_BOT_TOKEN: token_invalid"),
    ("models", {"GET /v1/models": (401, {})}, "failed", "refuses the key"),
    ("models", {"GET /v1/models": (429, {})}, "warning", "no more calls"),
    ("models", {"GET /v1/models": (500, {})}, "warning", "status 500"),
    ("models", {"GET /v1/models": (200, {"data": [{"id": "gpt-4"}]})}, "failed", "no model gpt-5"),
    ("github", {"GET /app": (401, {})}, "failed", "does not accept the App's id and key"),
    ("github", {"GET /app": (200, {"slug": "b", "permissions": {"contents": "read"}})}, "failed",
     r"lacks contents \(write\), pull_requests \(write\)"),
    ("github", {"GET /app": (500, {})}, "warning", "status 500"),
    ("web", {"GET /readyz": (503, {"checks": {"database": "It cannot be reached."}})}, "failed",
     "not ready: database: It cannot be reached"),
    ("web", {"GET /readyz": (200, {"hello": "there"})}, "failed", "is not this product"),
    ("webhook_endpoint", {"POST /api/figma-comment-webhook": (200, {})}, "failed", "status 200"),
    ("webhook_endpoint", {"POST /api/figma-comment-webhook": (404, {})}, "failed", "status 404"),
]  # fmt: skip


def app_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return pem.decode()


APP_KEY = app_key()


@pytest.fixture
def served(other: Other, world_of: Callable[..., World]) -> World:
    """Everything that the settings name is the same server; the address is a public one's."""
    world = world_of(
        supabase_url=other.origin,
        figma_api_url=other.origin,
        figma_redirect_uri=f"{other.origin}/api/auth/figma-oauth".replace("127.0.0.1", "127.0.0.2"),
        webhook_url=f"{other.origin}/api/figma-comment-webhook",
        figma_authorize_url="https://figma.example.com/oauth",
        figma_bot_token="figd_hidden-hidden-hidden",
        openai_api_key="sk-hidden-hidden-hidden",
        openai_base_url=f"{other.origin}/v1",
        github_api_url=other.origin,
        github_app_id="1",
        github_app_private_key=APP_KEY,
        otel_exporter_otlp_endpoint=other.origin,
    )
    # As if its name led here.
    world.settings.__dict__["public_url"] = other.origin
    return world


def let_say(other: Other, answers: dict[str, tuple[int, object]]) -> None:
    other.says = {place: (status, body, {}) for place, (status, body) in answers.items()}


@pytest.mark.parametrize(("name", "answers", "status", "says"), BROKEN)
def test_a_service_that_is_wrong_is_told(
    other: Other, served: World, name: str, answers: dict, status: str, says: str
):
    let_say(other, answers)
    found = look(name, served)
    assert (found.status, bool(re.search(says, found.what))) == (status, True), found.what
    assert is_told(found) and "hidden" not in str(found)
    let_say(other, WELL[name])
    assert look(name, served).status == "ok"


@pytest.mark.parametrize(
    "name", ["supabase", "figma", "models", "github", "web", "webhook_endpoint"]
)
def test_a_service_that_is_away_is_told(world_of: Callable[..., World], name: str):
    nobody = "http://127.0.0.1:1"
    world = world_of(
        supabase_url=nobody, figma_api_url=nobody, openai_base_url=nobody, github_api_url=nobody,
        openai_api_key="sk-hidden-hidden-hidden", github_app_id="1", github_app_private_key=APP_KEY,
        figma_redirect_uri=f"{nobody}/api/auth/figma-oauth",
        webhook_url=f"{nobody}/api/figma-comment-webhook",
    )  # fmt: skip
    found = look(name, world)
    assert found.status == "failed" and "ConnectError" in found.what + "ConnectError" * (
        name == "web"
    )
    assert is_told(found)


def test_the_anon_key_must_not_be_the_services(world_of: Callable[..., World]):
    found = look("anon_key", world_of(SUPABASE_ANON_KEY="sb_secret_everything"))
    assert found.status == "failed" and "is a key of the service" in found.what and is_told(found)


def test_a_sign_in_that_leads_elsewhere_is_told(other: Other, served: World):
    settings = served.settings
    settings.__dict__["figma_redirect_uri"] = f"{other.origin}/api/auth/figma-oauth"
    place, right = "GET /api/auth/figma-oauth", settings.figma_redirect_uri
    target = "https://figma.example.com/oauth?client_id={}&redirect_uri={}"
    for client, back, status, says in (
        ("another", right, "failed", "another FIGMA_CLIENT_ID than"),
        ("client", "https://elsewhere.example.com", "failed", "another FIGMA_REDIRECT_URI than"),
        ("client", right, "ok", "A sign-in leads to Figma"),
    ):
        other.says = {place: (302, {}, {"Location": target.format(client, back)})}
        found = look("redirect", served)
        assert found.status == status and says in found.what
    other.says = {place: (200, {}, {})}
    found = look("redirect", served)
    assert found.status == "failed" and "begins no sign-in" in found.what and is_told(found)


def test_a_clock_that_is_wrong_is_told(other: Other, served: World):
    for seconds, status in ((-600, "failed"), (600, "failed"), (10, "warning"), (0, "ok")):
        date = formatdate(time.time() + seconds, usegmt=True)
        other.says = {"GET /v1/me": (403, {}, {"Date": date})}
        assert look("figma_clock", served).status == status
    assert is_told(judge_clock(10, "the database's"))
    assert [judge_clock(off, "x").status for off in (1.9, 2.1, 31)] == ["ok", "warning", "failed"]


def test_mail_that_is_switched_off_is_told(other: Other, served: World):
    let_say(other, {AUTH: (200, {"external": {"email": False}})})
    found = look("mail", served)
    assert found.status == "failed" and "switched off" in found.what and is_told(found)
    let_say(other, {AUTH: (200, {"external": {"email": True}})})
    # How the last ones went stands in the database, which is away here.
    assert look("mail", served).status == "skipped"


def certificate_for(folder: Path, days: int) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=100))
        .not_valid_after(now + datetime.timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{days}.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(file)
    return server, trusting


@pytest.mark.parametrize(
    ("days", "trusted", "status", "says"),
    [
        (60, True, "ok", "good for 60 more days"),
        (10, True, "warning", "ends in 10 days"),
        (2, True, "failed", "ends in 2 days"),
        (-1, True, "failed", "is not accepted: certificate has expired"),
        (60, False, "failed", "is not accepted"),
    ],
)
def test_a_certificate_that_ends_is_told(
    world_of: Callable[..., World], tmp_path: Path, days: int, trusted: bool, status: str, says: str
):
    server, trusting = certificate_for(tmp_path, days)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            taken, _ = listening.accept()
            with taken:
                try:
                    server.wrap_socket(taken, server_side=True).close()
                except OSError:
                    return

        thread = threading.Thread(target=greet)
        thread.start()
        address = f"https://localhost:{listening.getsockname()[1]}"
        world = world_of(
            figma_redirect_uri=f"{address}/api/auth/figma-oauth",
            webhook_url=f"{address}/api/figma-comment-webhook",
        )
        world.tls = trusting if trusted else ssl.create_default_context()
        found = look("certificate", world)
        thread.join()
    assert (found.status, says in found.what) == (status, True), found.what
    assert status == "ok" or is_told(found)
    assert judge_certificate(14, "host").status == "ok"


def test_a_full_disk_is_told():
    assert [judge_disk(free, "/").status for free in (3 * GB, GB, GB // 4)] == [
        *("ok", "warning", "failed")
    ]
    assert is_told(judge_disk(0, "/"))


def test_what_a_builder_lacks_is_told(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch
):
    class Lacking:
        said = "bubblewrap is missing."

        def __init__(self, _tools: object):
            pass

        def missing(self) -> str:
            return self.said

    monkeypatch.setattr(machine_checks, "Sandbox", Lacking)
    found = look("sandbox", world_of())
    assert found.status == "warning" and found.what == Lacking.said and is_told(found)
    Lacking.said = ""
    assert look("sandbox", world_of()).status == "ok"
