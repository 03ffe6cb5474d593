"""The keys and passwords of one local stack: generated once, readable only by their owner."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Secrets:
    """All secrets that a person would otherwise have to enter for a local stack."""

    anon_key: str
    service_role_key: str
    jwt_secret: str
    admin_password: str
    postgres_password: str
    figma_client_secret: str
    bot_token: str
    encryption_key: str
    session_secret: str
    operator_password: str


def generate_secrets() -> Secrets:
    return Secrets(
        anon_key="sb_publishable_" + secrets.token_urlsafe(24),
        service_role_key="sb_secret_" + secrets.token_urlsafe(24),
        jwt_secret=secrets.token_hex(32),
        admin_password=secrets.token_hex(16),
        postgres_password=secrets.token_hex(16),
        figma_client_secret=secrets.token_urlsafe(24),
        bot_token="figd_" + secrets.token_urlsafe(30),
        encryption_key=Fernet.generate_key().decode(),
        session_secret=secrets.token_urlsafe(48),
        operator_password=secrets.token_urlsafe(9),
    )


def load_secrets(path: Path) -> Secrets:
    """Read `path`, or create it. Values that a file from an older version lacks are added."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known = {field.name for field in fields(Secrets)}
    values = asdict(generate_secrets()) | {k: v for k, v in kept.items() if k in known}
    if values != kept:
        write_private(path, json.dumps(values, indent=2) + "\n")
    return Secrets(**values)


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable only by its owner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
