"""A GitHub on loopback with one repository and one token, and clients for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.github import Hub, Repository, Token
from service.config import Settings
from service.github.github_calls import GitHubCall
from service.github.github_client import Credential, GitHubClient
from service.github.github_records import Place

TOKEN = "github_pat_11ABCDEFG_secretsecretsecret"
PLACE = Place("harbour", "design-system")
CREDENTIAL = Credential(TOKEN)
APP_KEY = generate_private_key(65537, 2048)


class Killed(BaseException):
    """The process was killed here."""


class Deaths(threading.local):
    """Kills this thread's work after so many calls of GitHub."""

    calls_left = -1

    def observe(self, _call: GitHubCall) -> None:
        self.calls_left -= 1
        if self.calls_left == 0:
            raise Killed

    @contextmanager
    def after(self, calls: int) -> Iterator[None]:
        self.calls_left = calls
        try:
            yield
        finally:
            self.calls_left = -1


DEATHS = Deaths()


def make_hub() -> Hub:
    hub = Hub()
    hub.add(PLACE.full_name)
    hub.tokens[TOKEN] = Token("harbour", frozenset({PLACE.full_name}))
    return hub


def repository_of(hub: Hub) -> Repository:
    found = hub.find(PLACE.full_name)
    assert found
    return found


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def settings_for(url: str, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        supabase_url="http://127.0.0.1:1",
        SUPABASE_ANON_KEY="anon",
        SUPABASE_SERVICE_ROLE_KEY="service",
        database_url="postgresql://127.0.0.1:1/none",
        figma_client_id="client-id",
        figma_client_secret="client-secret",
        figma_redirect_uri="http://127.0.0.1:1/api/auth/figma-oauth",
        webhook_url="http://127.0.0.1:1/api/figma-comment-webhook",
        token_encryption_keys=Fernet.generate_key().decode(),
        session_secret="s" * 32,
        github_api_url=url,
        **more,
    )


@contextmanager
def client_for(url: str, **more: Any) -> Iterator[GitHubClient]:
    options = {name: more.pop(name) for name in ("timeout", "observer") if name in more}
    client = GitHubClient(settings_for(url, **more), **options)
    try:
        yield client
    finally:
        client.close()
