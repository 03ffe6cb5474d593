"""Encrypts a channel's address and secret for the service. Not even the dashboard can decrypt.

The counterpart is ``service/secrets/unsealing.py``, which says why.
"""

import base64
import json
import secrets

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

PURPOSE = "figma-ai-buddy alert channel "


def seal(sealing_key: str, channel_id: str, url: str, secret: str | None) -> str:
    """Encrypt both with HPKE (RFC 9180), bound to the channel. `sealing_key` is base64."""
    key = X25519PublicKey.from_public_bytes(base64.b64decode(sealing_key))
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    text = json.dumps({"url": url, "secret": secret}).encode()
    return base64.b64encode(suite.encrypt(text, key, f"{PURPOSE}{channel_id}".encode())).decode()


def new_secret() -> str:
    """A signing secret for Standard Webhooks: "whsec_" and base64 of 24 to 64 bytes.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
