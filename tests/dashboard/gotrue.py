"""Supabase Auth with second factors, in front of the local stack, which has none.

Passwords are checked by the local stack; everything else goes on to it. Sessions, factors and codes
are kept here and answered in GoTrue's own format, with tokens that the local stack accepts:
https://github.com/supabase/auth/blob/master/internal/api/mfa.go
"""

import base64
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from joserfc import jwt
from joserfc.jwk import OctKey

from local.stack import Database

SOON = "2026-11-22T10:00:00Z"
# As svgo writes it.
PICTURE = (
    '<?xml version="1.0"?>\n<svg width="30" height="30" xmlns="http://www.w3.org/2000/svg">'
    '<rect x="3" y="3" width="3" height="3" style="fill:black;stroke:none"/></svg>'
)
NAME = re.compile(r"/auth/v1/factors(?:/([^/]+))?(?:/(challenge|verify))?$")
PASSED_ON = ("apikey", "authorization", "content-type", "prefer", "accept", "content-profile")


class Refusal(Exception):
    """Status, code and message of an answer."""


@dataclass
class Session:
    user: dict[str, Any]
    level: str = "aal1"
    refresh_token: str = field(default_factory=lambda: secrets.token_hex(8))
    id: str = field(default_factory=lambda: str(uuid4()))


@dataclass
class GoTrue:
    """Its address stands in place of the stack's. `factors` are by id, as GoTrue keeps them."""

    database: Database
    offers_totp: bool = True
    factors: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: {"disable_signup": True})
    url: str = ""

    def code(self, factor_id: str) -> str:
        """What the authenticator app shows now."""
        key = base64.b32decode(self.secrets[factor_id])
        return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(time.time()).decode()

    def right_codes(self, factor_id: str) -> set[str]:
        key = base64.b32decode(self.secrets[factor_id])
        made = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)
        return {made.generate(time.time() + skew).decode() for skew in (-30, 0, 30)}

    def answer(
        self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        if path == "/auth/v1/token":
            return 200, json.dumps(self._token(query, json.loads(body))).encode()
        if path == "/auth/v1/settings":
            return 200, json.dumps(self.settings).encode()
        if path.startswith("/auth/v1/") and (found := NAME.match(path)):
            session = self._session_of(headers)
            said = self._factors(method, *found.groups(), session, json.loads(body or b"{}"))
            return 200, json.dumps(said).encode()
        if path == "/auth/v1/user":
            return 200, json.dumps(self._user(self._session_of(headers).user)).encode()
        if path == "/auth/v1/logout":
            self.sessions.pop(self._session_of(headers).id)
            return 204, b""
        reply = httpx.request(
            method, f"{self.database.supabase_url}{path}?{query}", content=body, timeout=30,
            headers={k: v for k, v in headers.items() if k in PASSED_ON},
        )  # fmt: skip
        return reply.status_code, reply.content

    def _token(self, query: str, body: dict[str, Any]) -> dict[str, Any]:
        if "refresh_token" in query:
            for session in self.sessions.values():
                if session.refresh_token == body["refresh_token"]:
                    return self._tokens(session)
            raise Refusal(400, "refresh_token_not_found", "Invalid Refresh Token")
        reply = httpx.post(
            f"{self.database.supabase_url}/auth/v1/token?{query}", json=body,
            headers={"apikey": self.database.anon_key},
        )  # fmt: skip
        said = reply.json()
        if not reply.is_success:
            raise Refusal(reply.status_code, "invalid_credentials", "Invalid login credentials")
        session = Session(said["user"])
        self.sessions[session.id] = session
        return self._tokens(session)

    def _tokens(self, session: Session) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "sub": session.user["id"], "aud": "authenticated", "role": "authenticated",
            "email": session.user["email"], "session_id": session.id, "aal": session.level,
            "iat": now, "exp": now + 3600, "amr": [{"method": "password", "timestamp": now}],
        }  # fmt: skip
        key = OctKey.import_key(self.database.jwt_secret)
        session.refresh_token = secrets.token_hex(8)
        return {
            "access_token": jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, key),
            "token_type": "bearer",
            "expires_in": 3600,
            "expires_at": now + 3600,
            "refresh_token": session.refresh_token,
            "user": self._user(session.user),
        }

    def _user(self, user: dict[str, Any]) -> dict[str, Any]:
        own = [each for each in self.factors.values() if each["user_id"] == user["id"]]
        # Left out when there are none: `omitempty`.
        return {**user, **({"factors": own} if own else {})}

    def _session_of(self, headers: dict[str, str]) -> Session:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        claims = jwt.decode(token, OctKey.import_key(self.database.jwt_secret)).claims
        found = self.sessions.get(claims["session_id"])
        if found is None:
            raise Refusal(403, "session_not_found", "Session from session_id claim does not exist")
        return found

    def _factors(
        self, method: str, factor_id: str | None, verb: str | None, session: Session,
        body: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        if factor_id is None:
            return self._enrol(session, body)
        factor = self.factors.get(factor_id)
        if factor is None or factor["user_id"] != session.user["id"]:
            raise Refusal(404, "mfa_factor_not_found", "Factor not found")
        if method == "DELETE":
            if factor["status"] == "verified" and session.level != "aal2":
                raise Refusal(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
            del self.factors[factor_id]
            session.level = "aal1"
            return {"id": factor_id}
        if verb == "challenge":
            challenge = str(uuid4())
            self.challenges[challenge] = factor_id
            return {"id": challenge, "type": "totp", "expires_at": int(time.time()) + 300}
        if self.challenges.pop(body["challenge_id"], None) != factor_id:
            raise Refusal(404, "mfa_challenge_expired", "MFA challenge has expired")
        if body["code"] not in self.right_codes(factor_id):
            raise Refusal(422, "mfa_verification_failed", "Invalid TOTP code entered")
        factor["status"] = "verified"
        session.level = "aal2"
        for other in list(self.sessions.values()):
            if other.user["id"] == session.user["id"] and other.level != "aal2":
                del self.sessions[other.id]
        return self._tokens(session)

    def _enrol(self, session: Session, body: dict[str, Any]) -> dict[str, Any]:
        if not self.offers_totp:
            raise Refusal(422, "mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP")
        own = [each for each in self.factors.values() if each["user_id"] == session.user["id"]]
        if any(each["friendly_name"] == body["friendly_name"] for each in own):
            raise Refusal(422, "mfa_factor_name_conflict", "A factor of this name exists")
        if any(each["status"] == "verified" for each in own) and session.level != "aal2":
            raise Refusal(403, "insufficient_aal", "AAL2 required to enroll a new factor")
        made = {
            "id": str(uuid4()), "user_id": session.user["id"], "factor_type": "totp",
            "friendly_name": body["friendly_name"], "status": "unverified", "created_at": SOON,
            "updated_at": SOON,
        }  # fmt: skip
        self.factors[made["id"]] = made
        secret = self.secrets[made["id"]] = base64.b32encode(secrets.token_bytes(20)).decode()
        uri = f"otpauth://totp/{body['issuer']}:{session.user['email']}?secret={secret}"
        return {
            "id": made["id"], "type": "totp", "friendly_name": made["friendly_name"],
            "totp": {"qr_code": PICTURE, "secret": secret, "uri": uri},
        }  # fmt: skip

    def start(self) -> ThreadingHTTPServer:
        gotrue = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    status, said = gotrue.answer(self.command, path, query, body, headers)
                except Refusal as refusal:
                    status, code, message = refusal.args
                    said = json.dumps({"code": code, "message": message}).encode()
                self.send_response(status)
                self.send_header("X-Supabase-Api-Version", "2024-01-01")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_DELETE = do_PATCH = handle_any

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
