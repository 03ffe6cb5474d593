"""The JSON web tokens of a GitHub App, as GitHub checks them.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

import base64
import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from local.github.repositories import Hub

_LONGEST_SECONDS = 600


def check_app_token(token: str, hub: Hub) -> bool:
    """Whether the App itself signed it, for a time of at most ten minutes that is now."""
    head, _, signature = token.rpartition(".")
    try:
        algorithm = _read(head.split(".")[0])["alg"]
        claims = _read(head.split(".")[1])
        if hub.app_key is None or algorithm != "RS256":
            return False
        hub.app_key.verify(_decode(signature), head.encode(), PKCS1v15(), hashes.SHA256())
    except (ValueError, KeyError, IndexError, InvalidSignature):
        return False
    now = time.time()
    # GitHub allows no more than a clock's drift.
    is_now = claims["iat"] <= now + 5 and now < claims["exp"] <= now + _LONGEST_SECONDS
    return is_now and str(claims["iss"]) == hub.app_id


def _read(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_decode(part))
    return read


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
