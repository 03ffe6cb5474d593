"""Writes the first .env for compose.yaml: `make compose-env SITE=… DASHBOARD=… [SELF_HOSTED=1]`.

Makes what is ours to make: the secrets, and with ``SELF_HOSTED`` the keys of a Supabase of one's
own. What others give stays empty, with a line that says where it comes from. It never overwrites.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path

# Python alone is enough: whoever runs containers installs nothing else for this.
ROOT = Path(__file__).resolve().parents[1]
# The keys of a project live as long as those that Supabase makes.
YEARS = 10


def api_key(secret: str, role: str, now: int) -> str:
    """A key of Supabase's API: a JWT that names a role, signed with HS256."""
    claims = {"role": role, "iss": "supabase", "iat": now, "exp": now + YEARS * 365 * 86_400}
    parts = [
        _encoded(json.dumps(each).encode()) for each in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    body = ".".join(parts)
    return f"{body}.{_encoded(hmac.digest(secret.encode(), body.encode(), hashlib.sha256))}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def lines_for(site: str, dashboard: str, *, self_hosted: bool) -> list[str]:
    """The lines of .env, in the order in which they are filled in."""
    lines = [
        "# Written by `make compose-env`; docs/compose.md says what is still to be filled in.",
        f"SITE_DOMAIN={site}",
        f"DASHBOARD_DOMAIN={dashboard}",
        f"FIGMA_REDIRECT_URI=https://{site}/api/auth/figma-oauth",
        f"WEBHOOK_URL=https://{site}/api/figma-comment-webhook",
        f"TOKEN_ENCRYPTION_KEYS={base64.urlsafe_b64encode(os.urandom(32)).decode()}",
        f"SESSION_SECRET={secrets.token_urlsafe(48)}",
        f"METRICS_TOKEN={secrets.token_urlsafe(24)}",
        f"GRAFANA_PASSWORD={secrets.token_urlsafe(16)}",
        "",
        "# From your app at figma.com/developers.",
        "FIGMA_CLIENT_ID=",
        "FIGMA_CLIENT_SECRET=",
        "# From your provider of models.",
        "OPENAI_API_KEY=",
        "",
    ]
    if not self_hosted:
        return [
            *lines,
            "# From your Supabase project; the last one is the session connection, port 5432.",
            *("SUPABASE_URL=", "SUPABASE_ANON_KEY=", "SUPABASE_SERVICE_ROLE_KEY=", "DATABASE_URL="),
        ]
    password, jwt_secret, now = secrets.token_hex(24), secrets.token_hex(32), int(time.time())
    return [
        *lines,
        "# Supabase on this machine: compose.yaml's profile self-hosted.",
        "COMPOSE_PROFILES=self-hosted",
        f"POSTGRES_PASSWORD={password}",
        f"JWT_SECRET={jwt_secret}",
        "SUPABASE_URL=http://gateway:8000",
        f"SUPABASE_ANON_KEY={api_key(jwt_secret, 'anon', now)}",
        f"SUPABASE_SERVICE_ROLE_KEY={api_key(jwt_secret, 'service_role', now)}",
        f"DATABASE_URL=postgresql://postgres:{password}@postgres:5432/postgres",
        "# A mail server, for invitations to the dashboard.",
        *("SMTP_HOST=", "SMTP_PORT=587", "SMTP_USER=", "SMTP_PASS=", "SMTP_FROM="),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the first .env for compose.yaml.")
    parser.add_argument("site", help="web's name, such as buddy.example.com")
    parser.add_argument("dashboard", help="the dashboard's name")
    parser.add_argument("--self-hosted", action="store_true", help="with a Supabase of one's own")
    parser.add_argument("--out", type=Path, default=ROOT / ".env")
    given = parser.parse_args()
    lines = lines_for(given.site, given.dashboard, self_hosted=given.self_hosted)
    try:
        file = os.fdopen(os.open(given.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
    except FileExistsError:
        raise SystemExit(
            f"{given.out} is there already and is not overwritten: its secrets may be in use. Add "
            "what it lacks, or move it away and run this again."
        ) from None
    with file:
        file.write("\n".join(lines) + "\n")
    # A key may end with the same sign.
    empty = [
        name for name, sign, value in (line.partition("=") for line in lines) if sign and not value
    ]
    print(f"Wrote {given.out}, which only you can read. Still to be filled in: {', '.join(empty)}.")


if __name__ == "__main__":
    main()
