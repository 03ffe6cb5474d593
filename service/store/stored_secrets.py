"""The SQL functions for encrypted secrets: Figma tokens, their renewal, and key rotation."""

from datetime import datetime

from service.store.secret_records import (
    ChannelSeal,
    FigmaTokenRow,
    PasscodeSecret,
    TokenClaim,
    TokenSecrets,
)
from service.store.sql_calls import SqlCalls


class StoredSecrets(SqlCalls):
    """A part of ``Database``. All texts are encrypted; this code never sees a plain secret."""

    def get_figma_token(self, user_id: str) -> FigmaTokenRow | None:
        return self._find(FigmaTokenRow.from_json, "get_figma_token", user_id=user_id)

    def claim_token_refresh(self, user_id: str, version: int, lease_seconds: int) -> TokenClaim:
        return self._read(
            TokenClaim.from_json,
            "claim_token_refresh",
            user_id=user_id,
            version=version,
            lease_seconds=lease_seconds,
        )

    def save_refreshed_token(
        self,
        user_id: str,
        version: int,
        access_token_encrypted: str,
        expires_at: datetime,
        refresh_token_encrypted: str | None = None,
    ) -> int | None:
        """None: a newer token is stored already. Without a refresh token, the old one is kept."""
        return self._find(
            int,
            "save_refreshed_token",
            user_id=user_id,
            version=version,
            access_token_encrypted=access_token_encrypted,
            expires_at=expires_at,
            refresh_token_encrypted=refresh_token_encrypted,
        )

    def fail_token_refresh(self, user_id: str, version: int, *, final: bool) -> None:
        self._call("fail_token_refresh", user_id=user_id, version=version, final=final)

    def reencryption_batch(self, after: str | None, limit: int) -> list[TokenSecrets]:
        return self._list(TokenSecrets.from_json, "reencryption_batch", after=after, limit=limit)

    def save_reencrypted_token(
        self,
        user_id: str,
        version: int,
        access_token_encrypted: str,
        refresh_token_encrypted: str | None,
    ) -> bool:
        return self._value(
            bool,
            "save_reencrypted_token",
            user_id=user_id,
            version=version,
            access_token_encrypted=access_token_encrypted,
            refresh_token_encrypted=refresh_token_encrypted,
        )

    def oldest_secrets(self) -> list[str]:
        return self._list(str, "oldest_secrets")

    def passcode_batch(self, after: str | None, limit: int) -> list[PasscodeSecret]:
        return self._list(PasscodeSecret.from_json, "passcode_batch", after=after, limit=limit)

    def save_reencrypted_passcode(
        self, webhook_id: str, seen: str, passcode_encrypted: str
    ) -> bool:
        return self._value(
            bool,
            "save_reencrypted_passcode",
            webhook_id=webhook_id,
            seen=seen,
            passcode_encrypted=passcode_encrypted,
        )

    def alert_channel_seals(self) -> list[ChannelSeal]:
        return self._list(ChannelSeal.from_json, "alert_channel_seals")

    def save_alert_channel_seal(self, channel_id: str, seen: str, sealed: str) -> bool:
        return self._value(
            bool, "save_alert_channel_seal", channel_id=channel_id, seen=seen, sealed=sealed
        )
