"""Encryption at rest, hashes of tokens, and comparisons in constant time."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.config import Settings


class UnreadableSecret(Exception):
    """None of the configured keys decrypts this value."""


class Vault:
    """Encrypts with the first of the configured keys and decrypts with any of them."""

    def __init__(self, settings: Settings):
        keys = [key.get_secret_value() for key in settings.token_encryption_keys]
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._hash_key = settings.session_secret.get_secret_value().encode()

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise UnreadableSecret(
                "A stored secret cannot be decrypted: put the key it was written with back into "
                "TOKEN_ENCRYPTION_KEYS."
            ) from None

    def rotate(self, token: str) -> str:
        """The same secret, encrypted with the first key."""
        try:
            return self._fernet.rotate(token.encode()).decode()
        except InvalidToken:
            raise UnreadableSecret("A stored secret cannot be decrypted with any key.") from None

    def keyed_hash(self, text: str) -> str:
        """A hash that cannot be guessed without our secret; for passcodes and Figma ids."""
        data = text.encode("utf-8", "surrogatepass")
        return hmac.new(self._hash_key, data, hashlib.sha256).hexdigest()


def new_token() -> str:
    """A fresh random secret of 256 bits, safe in URLs and cookies."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """The stored hash of a session token. Tokens are random, so it cannot be reversed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def challenge_of(secret: str) -> str:
    """base64url(sha256(secret)) without padding, as in RFC 7636 S256; 43 characters."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_same(left: str, right: str) -> bool:
    """Compare two secrets in constant time. It compares bytes, because compare_digest refuses
    non-ASCII text."""
    return hmac.compare_digest(
        left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )
