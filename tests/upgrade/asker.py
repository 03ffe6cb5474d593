"""Somebody who uses a running product, over its web addresses alone."""

import httpx

from local.sandbox import Sandbox
from local.stage import Stage, wait_until

CHECKOUT_FILE = "ChkOut7Qm2VxLpR4tYw8Za"
ASKER = "Ada Okafor"


class Asker:
    """Somebody who uses the product as people do: signs in, switches it on, asks in the file."""

    def __init__(self, stage: Stage, sandbox: Sandbox, http: httpx.Client):
        self._stage, self._sandbox, self._http = stage, sandbox, http
        self._id = next(each["id"] for each in sandbox.people() if each["handle"] == ASKER)

    def sign_in(self) -> None:
        started = self._http.get("/api/auth/figma-oauth")
        callback = self._sandbox.sign_in(ASKER, started.headers["Location"])
        assert callback and self._http.get(callback).status_code == 302

    def switch_on(self) -> None:
        link = f"https://www.figma.com/design/{CHECKOUT_FILE}/A-file"
        headers = {"Origin": self._stage.web_url}
        answer = self._http.post("/api/webhook/manage", json={"link": link}, headers=headers)
        assert answer.is_success, answer.text

    def ask(self, question: str) -> None:
        """Ask and wait for the reply."""
        body = {"person_id": self._id, "text": f"@buddy {question}", "root_id": None, "pin": None}
        url = f"{self._stage.sandbox_url}/sandbox/comments/{CHECKOUT_FILE}"
        asked = httpx.post(url, json=body, trust_env=False).raise_for_status().json()
        wait_until(lambda: self._is_answered(asked["id"]), 90, f"the reply to {question!r}")

    def look_at_account(self) -> None:
        for path in ("/api/user/me", "/api/user/context", "/api/webhook/manage", "/readyz"):
            answer = self._http.get(path)
            assert answer.is_success, f"{path}: {answer.text}"

    def _is_answered(self, root_id: str) -> bool:
        comments = self._sandbox.comments(CHECKOUT_FILE)
        return any(each["parent_id"] == root_id for each in comments)
