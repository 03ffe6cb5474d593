"""What goes wrong, and how it is cured: as the alert's entry in docs/runbook.md says."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backup.make_backup import make_backup
from backup.sealing import new_identity
from backup.settings import BackupSettings
from bench.alarms.product import Drilled
from bench.chaos.disk import fill, free
from bench.chaos.people import ADA, BANKING, CHECKOUT, DRAFT, JONAS, PRIYA, SYSTEM
from service.alerts.health import Health
from service.isolation.watch_isolation import IsolationWatch

# No machine has this address of loopback as its own name, so it counts as one of the world.
CERTIFIED = "127.0.0.2"
_DEAD = "select id from public.answers where state = 'failed'"
Do = Callable[[Drilled], None]


@dataclass(frozen=True)
class Fault:
    """``strike`` makes it, ``cure`` ends it. ``wave``: those of one wave go wrong together.
    ``subject``: a part of what the alert is about. ``set_back``: times of rows that were moved.
    ``doctor``: the check of `make doctor` for the same."""

    name: str
    said: str
    strike: Do
    cure: Do
    wave: int = 2
    subject: str = ""
    set_back: str = ""
    has_end: bool = True
    doctor: str = ""
    lacks: Callable[[Drilled], str] = lambda _: ""

    @property
    def kind(self) -> str:
        return self.name.partition(" ")[0]


# Whose faults take weeks or other people: they are made of rows, in tests/sql/alert_faults.py.
FROM_ROWS = {
    "advice_rule": "people who take no advice for four weeks",
    "author_limit": "a day's replies of one person",
    "bill_drift": "a provider's bill of a month",
    "day_spend": "models are stopped for all, which is what the others need",
    "error_budget": "hundreds of comments",
    "unbilled": "a day of answers that cannot be posted",
    "unpriced": "a model that nobody has a price of",
    "webhook_paused": "forged deliveries: tests/attacks",
    "weekly_report": "it is no fault",
}


def wait_for(is_so: Callable[[], bool], what: str, seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(1)


def silent(product: Drilled) -> None:
    """Four loud weeks before, and what came since the start came three hours ago."""
    product.rows("update public.webhook_hourly set hour = hour - interval '3 hours'")
    product.rows(
        "insert into public.webhook_hourly (hour, webhook_id, outcome, deliveries)"
        " select date_trunc('hour', now()) - interval '1 hour' - week * interval '7 days', id,"
        " 'ignored', 20 from generate_series(1, 4) as week,"
        " (select id from public.user_webhooks limit 1) as hook"
    )


def speak(product: Drilled) -> None:
    product.ask(ADA, CHECKOUT)


def lose_model(product: Drilled) -> None:
    product.behave(fault="500")
    for _ in range(4):
        product.ask(ADA, CHECKOUT)


def find_model(product: Drilled) -> None:
    product.behave()


def refuse_renewals(product: Drilled) -> None:
    product.fail_figma("renewals", kind="500", path="/v1/oauth/refresh")
    product.rows("update public.figma_tokens set expires_at = now() - interval '1 minute'")
    product.renew_all()


def renew(product: Drilled) -> None:
    product.fail_figma("renewals")
    product.renew_all()


def use_up_quota(product: Drilled) -> None:
    four_days = 4 * 86_400
    product.fail_figma(
        "quota", kind="429", path="/v1/files", person=product.id_of(PRIYA), retry_after=four_days
    )
    product.build(PRIYA, BANKING)


def pass_days(product: Drilled) -> None:
    product.fail_figma("quota")
    product.rows("update public.figma_quotas set limited_until = now()")


def shut_out(product: Drilled) -> None:
    product.fail_figma("shut", kind="403", path=SYSTEM)
    product.ask(JONAS, SYSTEM)


def let_in(product: Drilled) -> None:
    product.fail_figma("shut")
    product.visitors[JONAS].sign_in(product)


def lose_figma(product: Drilled) -> None:
    """Figma takes no reply in one file for longer than the six hours for which an answer waits."""
    product.fail_figma("dead", kind="500", path=f"{DRAFT}/comments$", method="POST")
    product.ask(ADA, DRAFT)

    def is_dead() -> bool:
        product.rows(
            "update public.answers set received_at = least(received_at, now() - interval '7 hours')"
            " where file_key = %s and state not in ('answered', 'failed')",
            DRAFT,
        )
        return bool(product.rows(_DEAD))

    wait_for(is_dead, "a dead letter")


def replay(product: Drilled) -> None:
    product.fail_figma("dead")
    ids = [row["id"] for row in product.rows(_DEAD)]
    product.as_founder("replay_answers", ids, 10_000_000, "the cause is cured")
    wait_for(lambda: not product.rows(_DEAD), "the replay")


def budget(product: Drilled) -> None:
    product.rows("insert into public.budgets (scope, monthly_microusd) values ('global', 1)")
    product.ask(ADA, CHECKOUT)


def full_database(product: Drilled) -> None:
    product.restart("worker", DATABASE_MAX_GB="0.001")


def larger_database(product: Drilled) -> None:
    product.restart("worker", DATABASE_MAX_GB="100")


def full_machine(product: Drilled) -> None:
    fill(product.machine_disk)


def room(product: Drilled) -> None:
    free(product.machine_disk)


def hole(product: Drilled) -> None:
    """Somebody changes a policy by hand; the nightly watch is asked to look now."""
    product.rows("alter policy users_select on public.users using (true)")
    _watch(product)


def put_right(product: Drilled) -> None:
    product.rows(f"alter policy users_select on public.users using {product.kept['users_select']}")
    _watch(product)


def _watch(product: Drilled) -> None:
    watch = IsolationWatch(product.stage.settings, product.stage.database)
    wait_for(lambda: watch.look(now=True) is not None, "the watch")


def keep_policy(product: Drilled) -> str:
    found = product.rows(
        "select qual from pg_policies where tablename = 'users' and policyname = 'users_select'"
    )
    if not found:
        return "no policy users_select"
    product.kept["users_select"] = f"({found[0]['qual']})"
    return ""


def old_certificate(product: Drilled) -> None:
    _tell_certificate(product, days=5)


def new_certificate(product: Drilled) -> None:
    _tell_certificate(product, days=90)


def _tell_certificate(product: Drilled, days: int) -> None:
    """What a worker does each hour, for a server on loopback whose certificate ends so soon."""
    folder = product.log_folder
    _certify(folder / "drill.pem", days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "drill.pem")
    server = ThreadingHTTPServer((CERTIFIED, 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"https://{CERTIFIED}:{server.server_port}/api/auth/figma-oauth"
    settings = product.stage.settings.model_copy(update={"figma_redirect_uri": address})
    settings.__dict__.pop("public_url", None)
    os.environ["SSL_CERT_FILE"] = str(folder / "drill.pem")
    try:
        Health(settings, product.stage.database).tell_certificate()
    finally:
        del os.environ["SSL_CERT_FILE"]
        server.shutdown()
        server.server_close()


def _certify(path: Path, days: int) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "drill")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(CERTIFIED))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))


def no_backup(product: Drilled) -> None:
    back_up(product)
    product.rows("update private.backups set moment = moment - interval '37 hours'")


def back_up(product: Drilled) -> None:
    own = product.stage.settings
    make_backup(
        BackupSettings(
            _env_file=None,
            supabase_url=own.supabase_url,
            SUPABASE_SERVICE_ROLE_KEY=own.supabase_service_role_key,
            database_url=own.database_url,
            backup_recipients=str(new_identity().to_public()),
            backup_folder=product.log_folder / "backups",
        ),
        say=lambda _: None,
    )


def failing_builds(product: Drilled) -> None:
    """A builder that dies whenever it has begun a stage, as for want of memory."""
    begun = [product.build(ADA, CHECKOUT) for _ in range(3)]
    killed = set[str]()

    def have_failed() -> bool:
        running = {
            row["attempt"]
            for row in product.rows(
                "select pipeline_id::text || stage || attempt as attempt"
                " from public.pipeline_stages"
                " where state = 'running' and stage in ('spec', 'test', 'gate', 'package')"
            )
        }
        if running - killed:
            killed.update(running)
            with product.staff:
                product.kill("builder")
        return not product.rows(
            "select 1 from public.pipelines where id = any (%s::uuid[]) and state <> 'failed'",
            begun,
        )

    wait_for(have_failed, "three builds to fail", 600)
    product.kept["builds"] = " ".join(begun)


def retry_builds(product: Drilled) -> None:
    for each in product.kept["builds"].split():
        product.as_founder("operator_retry_pipeline", each, "the cause is cured")


def no_workers(product: Drilled) -> None:
    product.halt(product.names["worker"])


def start_workers(product: Drilled) -> None:
    product.resume(product.names["worker"])


def no_builder(product: Drilled) -> None:
    product.halt(product.names["builder"])
    begun = product.build(ADA, CHECKOUT)
    wait_for(
        lambda: bool(
            product.rows("select 1 from public.pipelines where id = %s and state = 'spec'", begun)
        ),
        "a stage that waits for a builder",
    )


def start_builder(product: Drilled) -> None:
    product.resume(product.names["builder"])


def busy_workers(product: Drilled) -> None:
    """One worker at a time, and a model that takes long: more is asked than it can answer."""
    product.restart("worker", WORKER_CONCURRENCY="1", MODEL_TIMEOUT_SECONDS="60")
    product.behave(delay_ms=30_000)
    for _ in range(24):
        product.ask(ADA, CHECKOUT)


def more_workers(product: Drilled) -> None:
    product.behave()
    product.restart("worker", WORKER_CONCURRENCY="50")


FAULTS = [
    Fault(
        "silence", "no delivery where there were some in the weeks before", silent, speak, wave=1,
        subject="deliveries", set_back="four weeks of deliveries before",
    ),
    # In a wave of its own: whose connection cannot be renewed meets no other fault of Figma.
    Fault(
        "refresh_failing", "Figma answers 500 to renewals", refuse_renewals, renew, wave=1,
        set_back="the end of the tokens", doctor="figma_connections",
    ),
    # First: a worker that is started anew tells its disks at once.
    Fault(
        "disk machine", "a full disk for temporary files (a loop mount)", full_machine, room,
        subject=socket.gethostname(), doctor="disk", lacks=lambda product: product.no_disk,
    ),
    Fault("disk database", "DATABASE_MAX_GB=0.001", full_database, larger_database,
          subject="database"),
    Fault(
        "builds_failing", "the builder dies in each stage it begins, three runs", failing_builds,
        retry_builds,
    ),
    Fault("model_failing", "the model's provider answers 500", lose_model, find_model),
    Fault(
        "figma_quota", "Figma answers 429 for four days", use_up_quota, pass_days,
        set_back="the four days", doctor="quotas",
    ),
    Fault("connection_lost", "Figma answers 403 in one file to all", shut_out, let_in),
    Fault(
        "dead_letter", "Figma answers 500 for a file, over six hours", lose_figma, replay,
        set_back="six hours of waiting", doctor="dead_letters",
    ),
    Fault(
        "isolation", "a policy that shows every person to everybody", hole, put_right,
        doctor="isolation", lacks=keep_policy,
    ),
    Fault(
        "certificate", "a certificate that ends in five days (a TLS server on loopback)",
        old_certificate, new_certificate, subject=CERTIFIED, doctor="certificate",
    ),
    Fault(
        "backup_missing", "no backup for 37 hours", no_backup, back_up,
        set_back="37 hours without a backup", doctor="backup",
    ),
    Fault(
        "no_worker builds", "the builder stopped, and a component asked for", no_builder,
        start_builder, wave=3, subject="builds", doctor="builder",
    ),
    Fault(
        "no_worker", "the worker stopped", no_workers, start_workers, wave=3, subject="workers",
        doctor="worker",
    ),
    # Models have to answer for it, so not beside a model that fails.
    Fault(
        "budget", "a budget of a millionth of a dollar", budget, lambda _: None, wave=4,
        has_end=False, doctor="budgets",
    ),
    Fault(
        "queue_stuck", "one answer at a time, and a model that takes 30 s", busy_workers,
        more_workers, wave=4, subject="answers", doctor="queue_age",
    ),
]  # fmt: skip
__all__ = ["FAULTS", "FROM_ROWS", "Fault"]
