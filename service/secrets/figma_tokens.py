"""Figma tokens ready for use: decrypted, and renewed in time by one process at a time.

Each refresh ends the old token, so two refreshes at once would leave one process with a dead token.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from service.errors import SignInNeeded, Unavailable
from service.figma.client import FigmaClient
from service.figma.errors import FigmaError
from service.figma.oauth_tokens import TokenSet, refresh_access_token
from service.figma.records import FigmaToken
from service.secrets.encryption import UnreadableSecret, Vault
from service.store.database import Database
from service.store.secret_records import FigmaTokenRow, StoredToken, TokenClaim

REFRESH_BEFORE = timedelta(days=1)
DEAD_TOKEN_CODES = ("token_invalid", "token_expired")
Answer = TypeVar("Answer")


class FigmaSignInNeeded(SignInNeeded):
    """Only the person can repair this connection, by signing in with Figma again."""

    code = "figma_sign_in_needed"

    def __init__(self) -> None:
        super().__init__(
            "Figma no longer accepts the buddy's connection to this account. "
            "Sign in with Figma again to renew it."
        )


class FigmaTokens:
    """Turns stored tokens into usable ones. Thread-safe.

    ``lease_seconds``: how long one process may take for a refresh before another may try.
    """

    def __init__(
        self, database: Database, figma: FigmaClient, vault: Vault, *, lease_seconds: int = 30
    ):
        self._database = database
        self._figma = figma
        self._vault = vault
        self._lease_seconds = lease_seconds

    def of_user(self, user_id: str) -> FigmaTokenRow:
        """The stored token of a user, for ``get`` and ``call``. Raises ``FigmaSignInNeeded``."""
        token = self._database.get_figma_token(user_id)
        if token is None or token.is_revoked:
            raise FigmaSignInNeeded
        return token

    def get(self, token: StoredToken) -> FigmaToken:
        """A usable token from a stored one, renewed if it expires in less than a day.

        Raises ``FigmaSignInNeeded``, or ``FigmaError`` if Figma could not renew it now.
        """
        return self._fresh(token)[0]

    def call(self, token: StoredToken, action: Callable[[FigmaToken], Answer]) -> Answer:
        """Run ``action`` with a usable token. If Figma rejects it, run again with a new one."""
        usable, version = self._fresh(token)
        try:
            return action(usable)
        except FigmaError as error:
            if error.code not in DEAD_TOKEN_CODES:
                raise
        renewed = self.refresh_after_403(token.user_id, version)
        try:
            return action(renewed)
        except FigmaError as error:
            if error.code in DEAD_TOKEN_CODES:
                raise FigmaSignInNeeded from error
            raise

    async def call_async(
        self, token: StoredToken, action: Callable[[FigmaToken], Awaitable[Answer]]
    ) -> Answer:
        """Like ``call``, in an event loop: only renewing a token uses a thread."""
        is_fresh = _life_left(token) > REFRESH_BEFORE
        usable, version = (
            self._as_stored(token) if is_fresh else await asyncio.to_thread(self._fresh, token)
        )
        try:
            return await action(usable)
        except FigmaError as error:
            if error.code not in DEAD_TOKEN_CODES:
                raise
        renewed = await asyncio.to_thread(self.refresh_after_403, token.user_id, version)
        try:
            return await action(renewed)
        except FigmaError as error:
            if error.code in DEAD_TOKEN_CODES:
                raise FigmaSignInNeeded from error
            raise

    def refresh_after_403(self, user_id: str, version: int) -> FigmaToken:
        """A newer token than ``version``, which Figma refused. Perhaps it was renewed already."""
        return self._renew(user_id, version)[0]

    def _fresh(self, token: StoredToken) -> tuple[FigmaToken, int]:
        if _life_left(token) > REFRESH_BEFORE:
            return self._as_stored(token)
        try:
            return self._renew(token.user_id, token.version)
        except (FigmaError, Unavailable):
            if _life_left(token) <= timedelta(0):
                raise
            # It is still valid for hours; the next call tries again.
            return self._as_stored(token)

    def _as_stored(self, token: StoredToken) -> tuple[FigmaToken, int]:
        return self._open(token.access_token_encrypted), token.version

    def _open(self, access_token_encrypted: str) -> FigmaToken:
        return FigmaToken(self._decrypt(access_token_encrypted), "oauth")

    def _decrypt(self, encrypted: str) -> str:
        try:
            return self._vault.decrypt(encrypted)
        except UnreadableSecret as error:
            # Signing in again stores it anew, encrypted with a known key.
            raise FigmaSignInNeeded from error

    def _renew(self, user_id: str, version: int) -> tuple[FigmaToken, int]:
        deadline = time.monotonic() + self._lease_seconds + 2
        while True:
            claim = self._database.claim_token_refresh(user_id, version, self._lease_seconds)
            if claim.outcome == "revoked":
                raise FigmaSignInNeeded
            if claim.outcome == "fresh":
                assert claim.access_token_encrypted and claim.version is not None
                return self._open(claim.access_token_encrypted), claim.version
            if claim.outcome == "claimed":
                return self._refresh(user_id, claim)
            if time.monotonic() > deadline:
                raise Unavailable(
                    "The connection to Figma is being renewed. Try again in a minute.",
                    code="figma_busy",
                    retry_after=self._lease_seconds,
                )
            # Jitter, so that many waiters do not ask in step.
            time.sleep(random.uniform(0.1, 0.5))

    def _refresh(self, user_id: str, claim: TokenClaim) -> tuple[FigmaToken, int]:
        version = claim.version
        assert version is not None and claim.refresh_token_encrypted
        refresh_token = self._decrypt(claim.refresh_token_encrypted)
        try:
            # It ends before the lease does, so that no second refresh runs at the same time.
            renewed = refresh_access_token(
                self._figma, refresh_token, timeout=self._lease_seconds * 0.8
            )
        except FigmaError as error:
            is_final = error.code == "token_invalid"
            self._database.fail_token_refresh(user_id, version, final=is_final)
            if is_final:
                raise FigmaSignInNeeded from error
            raise
        return self._save(user_id, version, renewed)

    def _save(self, user_id: str, version: int, renewed: TokenSet) -> tuple[FigmaToken, int]:
        saved = self._database.save_refreshed_token(
            user_id,
            version,
            self._vault.encrypt(renewed.access_token),
            datetime.now(UTC) + timedelta(seconds=renewed.expires_in),
            self._vault.encrypt(renewed.refresh_token) if renewed.refresh_token else None,
        )
        if saved is None:
            # The person signed in meanwhile, or the first response to this call was lost. Read the
            # token that is valid now.
            stored = self.of_user(user_id)
            return self._as_stored(stored)
        return FigmaToken(renewed.access_token, "oauth"), saved


def _life_left(token: StoredToken) -> timedelta:
    return token.expires_at - datetime.now(UTC)
