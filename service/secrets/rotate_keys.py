"""``python -m service.secrets.rotate_keys``: encrypt every stored secret again with the first key.

Put a new key in front of TOKEN_ENCRYPTION_KEYS, deploy, run this, then remove the old key. It is
safe to run in production, and to run again after an interruption.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from service.config import load_settings
from service.errors import Unavailable
from service.secrets.encryption import UnreadableSecret, Vault
from service.secrets.unsealing import SealingKeys
from service.store.database import Database, connect
from service.store.secret_records import TokenSecrets

BATCH = 200
Row = TypeVar("Row")


@dataclass
class Outcome:
    """How many secrets of one kind are now under the first key, and how many no key decrypts."""

    rotated: int = 0
    unreadable: int = 0


def rotate_tokens(database: Database, vault: Vault, *, give_up: bool = False) -> Outcome:
    """Rotate Figma's tokens. ``give_up`` ends those that no key decrypts: their owners sign in
    again."""
    outcome = Outcome()
    for token in _walk(database.reencryption_batch, lambda last: last.user_id):
        try:
            outcome.rotated += _rotate_token(database, vault, token)
        except UnreadableSecret:
            outcome.unreadable += 1
            if give_up:
                database.fail_token_refresh(token.user_id, token.version, final=True)
    return outcome


def _rotate_token(database: Database, vault: Vault, token: TokenSecrets) -> bool:
    """False: it was replaced meanwhile, and a new token is encrypted with the first key anyway."""
    refresh_token = token.refresh_token_encrypted
    return database.save_reencrypted_token(
        token.user_id,
        token.version,
        vault.rotate(token.access_token_encrypted),
        vault.rotate(refresh_token) if refresh_token else None,
    )


def rotate_passcodes(database: Database, vault: Vault, *, give_up: bool = False) -> Outcome:
    """Rotate the passcodes that deliveries carry. With ``give_up``, a webhook whose passcode no key
    decrypts ends here. Pasting its link again takes it over, with a new passcode."""
    outcome = Outcome()
    for row in _walk(database.passcode_batch, lambda last: last.webhook_id):
        seen = row.passcode_encrypted
        try:
            rotated = vault.rotate(seen)
        except UnreadableSecret:
            if row.state != "deleted":
                outcome.unreadable += 1
                if give_up:
                    database.change_webhook(row.user_id, row.webhook_id, state="deleted")
        else:
            outcome.rotated += database.save_reencrypted_passcode(row.webhook_id, seen, rotated)
    return outcome


def rotate_targets(database: Database, vault: Vault, *, give_up: bool = False) -> Outcome:
    """Rotate the tokens of GitHub. With ``give_up``, a setting whose token no key decrypts ends:
    its team enters a token anew."""
    outcome = Outcome()
    for row in _walk(database.target_batch, lambda last: last.owner_id):
        seen = row.token_encrypted
        try:
            rotated = vault.rotate(seen)
        except UnreadableSecret:
            outcome.unreadable += 1
            if give_up:
                database.give_up_target(row.owner_id, seen)
        else:
            outcome.rotated += database.save_reencrypted_target(row.owner_id, seen, rotated)
    return outcome


def rotate_channels(database: Database, keys: SealingKeys) -> Outcome:
    """Rotate the addresses of alert channels."""
    outcome = Outcome()
    for row in database.alert_channel_seals():
        channel_id, seen = row.channel_id, row.sealed
        try:
            sealed = keys.reseal(channel_id, seen)
        except UnreadableSecret:
            outcome.unreadable += 1
        else:
            outcome.rotated += database.save_alert_channel_seal(channel_id, seen, sealed)
    return outcome


def _walk(
    read: Callable[[str | None, int], list[Row]], id_of: Callable[[Row], str]
) -> Iterator[Row]:
    after: str | None = None
    while batch := read(after, BATCH):
        yield from batch
        after = id_of(batch[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Move stored secrets to the first key.")
    parser.add_argument(
        "--give-up", action="store_true", help="end what no key opens: the key is lost for good"
    )
    give_up = parser.parse_args().give_up
    settings = load_settings()
    try:
        with closing(connect(settings)) as database:
            vault = Vault(settings)
            tokens = rotate_tokens(database, vault, give_up=give_up)
            passcodes = rotate_passcodes(database, vault, give_up=give_up)
            targets = rotate_targets(database, vault, give_up=give_up)
            channels = rotate_channels(database, SealingKeys(settings))
    except Unavailable as error:
        sys.exit(
            f"{error.message} For the local stack start `make run` in another terminal first; else "
            "check SUPABASE_URL and DATABASE_URL. Then run this again: what was moved stays moved."
        )
    sys.stdout.write(
        f"{tokens.rotated} tokens, {passcodes.rotated} passcodes of webhooks, {targets.rotated} "
        f"tokens of GitHub and {channels.rotated} addresses of alert channels are now under the "
        "first key of TOKEN_ENCRYPTION_KEYS.\n"
    )
    if channels.unreadable:
        sys.stdout.write(
            f"{channels.unreadable} addresses of alert channels cannot be read: enter them anew on "
            "Settings.\n"
        )
    if tokens.unreadable or passcodes.unreadable or targets.unreadable:
        lost = (
            f"{tokens.unreadable} tokens, {passcodes.unreadable} passcodes of webhooks and "
            f"{targets.unreadable} tokens of GitHub"
        )
        _tell_of_lost(lost, give_up)


def _tell_of_lost(lost: str, give_up: bool) -> None:
    if give_up:
        sys.stdout.write(
            f"{lost} could not be read with any key given and were given up: their owners sign in "
            "with Figma, paste the links of their files, and enter their tokens of GitHub, again.\n"
        )
        return
    sys.exit(
        f"{lost} cannot be read with any key given. Put the key they were written with back into "
        "TOKEN_ENCRYPTION_KEYS and run this again. If it is lost for good, "
        "`make rotate ARGS=--give-up` ends them: their owners then sign in with Figma, paste the "
        "links of their files, and enter their tokens of GitHub, again."
    )


if __name__ == "__main__":
    main()
