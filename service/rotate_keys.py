"""``python -m service.rotate_keys``: write every stored secret anew under the first key.

Put a new key in front of TOKEN_ENCRYPTION_KEYS, deploy, run this, then remove the old key.
"""

import sys

from service.database import Database, Json, connect
from service.sealing import SealingKeys
from service.security import UnreadableSecret, Vault
from service.settings import load_settings

BATCH = 200


def rotate_tokens(database: Database, vault: Vault) -> tuple[int, int]:
    """How many tokens were rotated, and how many no key can read. Safe to run while in use."""
    rotated = unreadable = 0
    after: str | None = None
    while batch := database.reencryption_batch(after, BATCH):
        for token in batch:
            try:
                rotated += _rotate(database, vault, token)
            except UnreadableSecret:
                unreadable += 1
        after = batch[-1]["user_id"]
    return rotated, unreadable


def _rotate(database: Database, vault: Vault, token: Json) -> bool:
    """False: it was replaced meanwhile, and a new token is written with the first key anyway."""
    refresh_token = token["refresh_token_encrypted"]
    return database.save_reencrypted_token(
        token["user_id"],
        token["version"],
        vault.rotate(token["access_token_encrypted"]),
        vault.rotate(refresh_token) if refresh_token else None,
    )


def rotate_channels(database: Database, keys: SealingKeys) -> tuple[int, int]:
    """As rotate_tokens, for the addresses of alert channels."""
    rotated = unreadable = 0
    for row in database.alert_channel_seals():
        channel_id, seen = row["channel_id"], row["sealed"]
        try:
            sealed = keys.reseal(channel_id, seen)
        except UnreadableSecret:
            unreadable += 1
        else:
            rotated += database.save_alert_channel_seal(channel_id, seen, sealed)
    return rotated, unreadable


def main() -> None:
    settings = load_settings()
    database = connect(settings)
    rotated, unreadable = rotate_tokens(database, Vault(settings))
    channels, closed = rotate_channels(database, SealingKeys(settings))
    print(
        f"{rotated} tokens and {channels} addresses of alert channels are now under the first key "
        "of TOKEN_ENCRYPTION_KEYS."
    )
    if closed:
        print(f"{closed} addresses of alert channels cannot be read: enter them anew on Settings.")
    if unreadable:
        sys.exit(
            f"{unreadable} tokens cannot be read with any key given. Put the key they were written "
            "with back into TOKEN_ENCRYPTION_KEYS, or let their owners sign in again."
        )


if __name__ == "__main__":
    main()
