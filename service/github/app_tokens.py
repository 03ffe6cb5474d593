"""Tokens of the GitHub App: signed with its key, limited to one repository, kept in memory.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import base64
import json
import threading
import time
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from service.config import Settings
from service.github.errors import GitHubError
from service.github.github_calls import GitHubCaller, Route, Sent
from service.github.github_records import InstallationToken, Place

# All that a push needs, and so all that its token may do.
PERMISSIONS = {"contents": "write", "pull_requests": "write", "metadata": "read"}
MAKE_TOKEN = Route(
    "make_installation_token",
    "POST",
    "/app/installations/{installation_id}/access_tokens",
    "sign in as its App",
)
# GitHub takes at most ten minutes, and its clock may be behind ours.
_JWT_SECONDS, _DRIFT_SECONDS = 540, 60
_RENEW_BEFORE = timedelta(minutes=5)


class AppTokens:
    """Makes and keeps installation tokens. Thread-safe. Nothing of it is ever stored."""

    def __init__(self, settings: Settings, caller: GitHubCaller):
        self._app_id = settings.github_app_id
        key = settings.github_app_private_key
        self._key = read_private_key(key.get_secret_value()) if key else None
        self._caller = caller
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, str], InstallationToken] = {}

    @property
    def is_set_up(self) -> bool:
        return self._key is not None

    def get(self, installation_id: int, place: Place) -> str:
        """A token for this one repository. Raises ``GitHubError``."""
        key = (installation_id, place.full_name.lower())
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept.ends_at - datetime.now(UTC) < _RENEW_BEFORE:
            # Nobody waits for another's call. Two tokens at once do no harm.
            kept = self._make(installation_id, place)
            with self._lock:
                self._forget_ended()
                self._kept[key] = kept
        return kept.value

    def forget(self, installation_id: int, place: Place) -> None:
        """Give up a token that GitHub no longer accepts."""
        with self._lock:
            self._kept.pop((installation_id, place.full_name.lower()), None)

    def _make(self, installation_id: int, place: Place) -> InstallationToken:
        if self._key is None:
            raise GitHubError("github_app_not_set_up", MAKE_TOKEN.action, place.full_name)
        sent = Sent(
            place.full_name,
            sign(self._app_id, self._key),
            {"installation_id": str(installation_id)},
            body={"repositories": [place.name], "permissions": PERMISSIONS},
        )
        try:
            made = self._caller.call(MAKE_TOKEN, sent, InstallationToken.from_json)
        except GitHubError as error:
            if not error.permanent:
                raise
            raise _refused(place, error.github_status) from None
        # Another account may have a repository of this name: then the number is not this owner's.
        if [each.lower() for each in made.repositories] != [place.full_name.lower()]:
            raise _refused(place, None)
        return made

    def _forget_ended(self) -> None:
        now = datetime.now(UTC)
        self._kept = {key: each for key, each in self._kept.items() if each.ends_at > now}


def _refused(place: Place, status: int | None) -> GitHubError:
    return GitHubError(
        "github_app_refused", MAKE_TOKEN.action, place.full_name, github_status=status
    )


def read_private_key(pem: str) -> RSAPrivateKey:
    """The App's key, which the settings have checked. Some hosts keep it as one line with \\n."""
    key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def sign(app_id: str, key: RSAPrivateKey) -> str:
    """The App's own JSON web token, RS256, for about nine minutes."""
    now = int(time.time())
    claims = {"iat": now - _DRIFT_SECONDS, "exp": now + _JWT_SECONDS, "iss": app_id}
    text = f"{_encode({'alg': 'RS256', 'typ': 'JWT'})}.{_encode(claims)}"
    signature = key.sign(text.encode(), PKCS1v15(), hashes.SHA256())
    return f"{text}.{_base64(signature)}"


def _encode(part: dict[str, object]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
