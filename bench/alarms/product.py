"""The product of the drill: that of bench/chaos, with alerts on their way to the catcher."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg.types.json import Jsonb

from bench.alarms.catcher import RECEIVER, Catcher
from bench.answers import give_plan
from bench.chaos.disk import small_disk
from bench.chaos.people import (
    ADA,
    BANKING,
    CHECKOUT,
    DRAFT,
    JONAS,
    MEI,
    PRIYA,
    SYSTEM,
    TOM,
    Visitor,
)  # fmt: skip
from bench.chaos.product import MODEL_MS, Product
from dashboard.settings.sealing import new_secret, seal
from local.stack import Stack
from local.stack.supervision import Program
from local.stage import ROOT, build_stage
from service.alert_sentences import KINDS
from service.secrets.unsealing import SealingKeys

FOUNDER = "00000000-0000-4000-8000-00000000000f"
PEOPLE = (ADA, JONAS, MEI, PRIYA, TOM)
OWNED = ((ADA, CHECKOUT), (ADA, DRAFT), (JONAS, SYSTEM), (PRIYA, BANKING))
# At the model and at Figma, faults of one kind must not look like those of another.
SETTINGS = {"MODEL_TIMEOUT_SECONDS": "20", "WORKER_CONCURRENCY": "50", "JOB_ATTEMPTS": "2"}


@dataclass
class Drilled(Product):
    """``own``: settings of a role alone. ``machine_disk``: where workers and builders have their
    temporary files; ``no_disk`` why they have not. ``kept``: what a cure has to know."""

    own: dict[str, dict[str, str]] = field(default_factory=dict)
    machine_disk: Path = Path()
    kept: dict[str, str] = field(default_factory=dict)
    failing: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0

    def _program(self, role: str, name: str) -> Program:
        program = super()._program(role, name)
        own = {**SETTINGS, **self.own.get(role, {})}
        return replace(program, environment={**program.environment, **own})

    def restart(self, role: str, **settings: str) -> None:
        """The role's process with other settings: the new one starts before the old one stops."""
        old = self.names[role]
        self.own.setdefault(role, {}).update(settings)
        self.start(role)
        self.retire([old])

    def fail_figma(self, name: str, **fault: Any) -> None:
        """Figma fails so, beside its other faults; without a fault this one is over."""
        self.failing.pop(name, None)
        if fault:
            self.failing[name] = fault
        self.sandbox.faults(*self.failing.values(), rate_limits=False)

    def id_of(self, handle: str) -> str:
        return self.visitors[handle].figma_id

    def ask(self, handle: str, file_key: str) -> None:
        self.asked += 1
        self.sandbox.post_comment(handle, file_key, f"@buddy is this contrast ok? ({self.asked})")

    def build(self, handle: str, file_key: str) -> str:
        """Ask for a component; its id."""
        link = f"https://www.figma.com/design/{file_key}/A-file?node-id={self.frame(file_key)}"
        answer = self.visitors[handle].http.post(
            "/api/pipelines",
            json={"figma_url": link},
            headers={"Origin": self.stage.web_url, "Idempotency-Key": uuid4().hex},
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def frame(self, file_key: str) -> str:
        return "1-2" if file_key == CHECKOUT else "1-1"

    def renew_all(self) -> None:
        """Everybody looks up a file, for which their connection is renewed first."""
        for handle, visitor in self.visitors.items():
            with suppress(RuntimeError, httpx.HTTPError):
                visitor.switch_on(self, dict(OWNED).get(handle, CHECKOUT), "invite")

    def as_founder(self, function: str, *values: Any) -> Any:
        """Call what the dashboard calls, as a founder."""
        wrapped = [Jsonb(each) if isinstance(each, dict) else each for each in values]
        marks = ", ".join(["%s"] * len(values))
        with psycopg.connect(self.stage.admin_url) as connection:
            connection.execute("set local role authenticated")
            for name, value in (("role", "authenticated"), ("sub", FOUNDER)):
                connection.execute(
                    "select set_config(%s, %s, true)", (f"request.jwt.claim.{name}", value)
                )
            claims = json.dumps({"role": "authenticated", "sub": FOUNDER})
            connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            found = connection.execute(f"select public.{function}({marks})", wrapped)  # type: ignore[arg-type]
            return found.fetchone()[0]  # type: ignore[index]

    def add_channels(self, caught: Catcher) -> None:
        """A webhook and a mailbox that want every kind, sealed as the dashboard seals them."""
        key = SealingKeys(self.stage.settings).public
        kinds = sorted(KINDS)
        for kind, url, secret in (
            ("webhook", caught.url, new_secret()),
            ("mail", f"mailto:{RECEIVER}", None),
        ):
            channel = str(uuid4())
            sealed = seal(key, channel, url, secret)
            named = (channel, kind, f"Drill's {kind}", "127.0.0.1", kinds, sealed)
            self.as_founder("add_alert_channel", *named, "a drill")


@contextmanager
def run_drilled(caught: Catcher) -> Iterator[Drilled]:
    """Everything started, five people signed in, the buddy switched on, two channels."""
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="buddy-alarms-")))
        folder.chmod(0o711)
        stack_folder = folder / "stack"
        stack_folder.mkdir(mode=0o711)
        machine = folder / "machine"
        no_disk = exits.enter_context(small_disk(machine, folder / "disk.img"))
        stage = exits.enter_context(build_stage(on=Stack(stack_folder)))
        stage.environment |= {"SMTP_URL": caught.smtp_url, "MAIL_FROM": "buddy@example.com"}
        sandbox = stage.start_sandbox()
        stage.start_model(delay_ms=MODEL_MS)
        product = Drilled(
            stage, sandbox, folder, no_disk, folder / "clock", "not wanted", ROOT,
            machine_disk=machine,
        )  # fmt: skip
        if not no_disk:
            for role in ("worker", "builder"):
                product.own[role] = {"TMPDIR": str(machine)}
        product.own.setdefault("builder", {})["BUILDER_CONCURRENCY"] = "3"
        product.rows(
            "insert into public.operators (user_id, email, role) values (%s, 'drill@example.test',"
            " 'founder')",
            FOUNDER,
        )
        product.start("web", "worker", "builder")
        _visit(product)
        product.add_channels(caught)
        yield product


def _visit(product: Drilled) -> None:
    for handle in PEOPLE:
        http = httpx.Client(base_url=product.stage.web_url, trust_env=False, timeout=60)
        person = product.sandbox.person(handle)["id"]
        product.visitors[handle] = Visitor(handle, person, http)
        product.visitors[handle].sign_in(product)
    for handle, file_key in OWNED:
        product.visitors[handle].switch_on(product, file_key, "invite")
    for row in product.rows("select id::text from public.users"):
        give_plan(product.stage, row["id"])
