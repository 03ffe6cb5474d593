"""Opens what the dashboard has sealed for the service: addresses and secrets of alert channels.

The dashboard has no key, and a secret that passes through SQL in plain text could end up in the
database's logs or backups. So the dashboard seals it with a public key that workers publish, by
HPKE (RFC 9180). Only a process with TOKEN_ENCRYPTION_KEYS can open it. The sealing side is
``dashboard/settings/sealing.py``.
"""

import base64
import json
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.config import Settings
from service.secrets.encryption import UnreadableSecret

# A seal is bound to its channel: copied into another channel's row, it does not open.
PURPOSE = "figma-ai-buddy alert channel "
_KEY_PURPOSE = b"figma-ai-buddy sealing key"


@dataclass(frozen=True)
class ChannelAddress:
    """Where a channel's alerts go. ``secret`` signs alerts to a webhook; Slack has none."""

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


class SealingKeys:
    """One key pair for each of TOKEN_ENCRYPTION_KEYS. The first public key is published; all
    private keys can open."""

    def __init__(self, settings: Settings):
        self._suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
        self._keys = [_derive(key.get_secret_value()) for key in settings.token_encryption_keys]

    @property
    def public(self) -> str:
        """The public key to seal with, as base64 of its 32 bytes."""
        return base64.b64encode(self._keys[0].public_key().public_bytes_raw()).decode()

    def open(self, channel_id: str, sealed: str) -> ChannelAddress:
        """The sealed content. Raises UnreadableSecret if no key opens it for this channel."""
        return ChannelAddress(**json.loads(self._open(channel_id, sealed)))

    def _open(self, channel_id: str, sealed: str) -> bytes:
        for key in self._keys:
            try:
                return self._suite.decrypt(base64.b64decode(sealed), key, _info(channel_id))
            except (InvalidTag, ValueError):
                continue
        raise UnreadableSecret("The address of an alert channel cannot be opened with any key.")

    def reseal(self, channel_id: str, sealed: str) -> str:
        """The same content, sealed with the first key."""
        text = self._open(channel_id, sealed)
        again = self._suite.encrypt(text, self._keys[0].public_key(), _info(channel_id))
        return base64.b64encode(again).decode()


def _derive(encryption_key: str) -> X25519PrivateKey:
    """Derive a separate key for this purpose from the same 32 bytes (RFC 5869)."""
    material = base64.urlsafe_b64decode(encryption_key)
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=_KEY_PURPOSE).derive(material)
    return X25519PrivateKey.from_private_bytes(derived)


def _info(channel_id: str) -> bytes:
    return f"{PURPOSE}{channel_id}".encode()
