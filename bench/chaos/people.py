"""Who uses the product meanwhile: they sign in, switch the buddy on, and sign in again."""

import time
from dataclasses import dataclass, field

import httpx

from bench.answers import give_plan
from bench.chaos.product import Product

ADA, JONAS, MEI = "Ada Okafor", "Jonas Lind", "Mei Tanaka"
PRIYA, TOM = "Priya Raman", "Tom Becker"
CHECKOUT = "ChkOut7Qm2VxLpR4tYw8Za"
SYSTEM, DRAFT = "DsgnSys3Kd9HbNc6uTe1Wq", "Draft02Wc7MsPh4vGj8Lt6"
BANKING = "MblBnk4Tn1ZeRa5dCy2Ko8"
# Who switches it on where. Two do on one file: each comment there is delivered twice.
OWNERS = (
    (ADA, CHECKOUT, "invite"),
    (JONAS, CHECKOUT, "invite"),
    (JONAS, SYSTEM, "invite"),
    (ADA, DRAFT, "invite"),
    (PRIYA, BANKING, "owner_pays"),
)
# Jonas stays on the trial, which ends after ten answers.
PAYING = (ADA, PRIYA)
# Who writes where: Mei has no account and is invited, for Tom the file's owner pays.
AUTHORS = (
    (ADA, CHECKOUT), (JONAS, CHECKOUT), (MEI, CHECKOUT), (JONAS, SYSTEM), (ADA, SYSTEM),
    (ADA, DRAFT), (PRIYA, BANKING), (TOM, BANKING),
)  # fmt: skip
_HTTP_SECONDS = 60
SIGN_IN_SECONDS = 60


@dataclass
class Visitor:
    """A person with a browser."""

    handle: str
    figma_id: str
    http: httpx.Client = field(repr=False)

    def sign_in(self, product: Product) -> None:
        started = self.http.get("/api/auth/figma-oauth")
        callback = product.sandbox.sign_in(self.handle, started.headers["Location"])
        answer = self.http.get(str(callback))
        if answer.status_code != 302:
            raise RuntimeError(f"{self.handle} could not sign in: {answer.text[:300]}")

    def switch_on(self, product: Product, file_key: str, guest_rule: str) -> None:
        body = {"link": f"https://www.figma.com/design/{file_key}/A-file", "guest_rule": guest_rule}
        headers = {"Origin": product.stage.web_url}
        answer = self.http.post("/api/webhook/manage", json=body, headers=headers)
        if not answer.is_success:
            raise RuntimeError(f"{self.handle} could not switch it on: {answer.text[:300]}")


def visit(product: Product) -> dict[str, Visitor]:
    """Everybody with an account, by name: signed in, with the buddy on, some with a plan."""
    ids = {each["handle"]: each["id"] for each in product.sandbox.people()}
    visitors = {}
    for handle in dict.fromkeys(owner for owner, _, _ in OWNERS):
        http = httpx.Client(base_url=product.stage.web_url, trust_env=False, timeout=_HTTP_SECONDS)
        visitors[handle] = Visitor(handle, ids[handle], http)
        visitors[handle].sign_in(product)
    for handle, file_key, guest_rule in OWNERS:
        visitors[handle].switch_on(product, file_key, guest_rule)
    for row in product.rows("select id::text, handle from public.users"):
        if row["handle"] in PAYING:
            give_plan(product.stage, row["id"])
    product.visitors = visitors
    return visitors


def sign_in_again(product: Product) -> None:
    """As everybody is told to where no connection to Figma is good any more. They try until it
    works. Raises the last error after ``SIGN_IN_SECONDS``."""
    until = time.monotonic() + SIGN_IN_SECONDS
    for visitor in product.visitors.values():
        while True:
            try:
                visitor.sign_in(product)
                break
            except (RuntimeError, httpx.HTTPError, KeyError):
                if time.monotonic() > until:
                    raise
                time.sleep(2)
