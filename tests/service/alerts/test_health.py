"""What a process tells of its disk, the database's size and the certificate of our address."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.alerts import health
from service.alerts.health import Health, read_certificate, temporary_folder
from tests.service.alerts.conftest import Alerting
from tests.service.alerts.test_delivery import self_signed, tls_server


def test_disks_are_told_and_a_full_one_is_an_alert(
    alerting: Alerting, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = alerting.services.settings
    database = alerting.services.database
    Health(settings, database).tell_disks()
    [(name, used, limit)] = alerting.rows(
        "select subject, (facts ->> 'used_bytes')::bigint, (facts ->> 'limit_bytes')::bigint"
        " from public.health_facts"
    )
    assert name
    assert 0 < used < limit
    settings.database_max_gb = 0.001
    monkeypatch.setattr(health.socket, "gethostname", lambda: "worker-1")
    usage = SimpleNamespace(total=100, used=86, free=9)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage)
    Health(settings, database).tell_disks()
    raised = {each.headline for each in database.check_alerts() if each.kind == "disk"}
    assert "The disk of worker-1 is 91 % full" in raised
    assert any(each.startswith("The database uses ") for each in raised)


def test_a_full_disk_is_looked_at_by_a_process_that_starts_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the standard library does where nothing can be written.
    monkeypatch.setattr(health.tempfile, "gettempdir", lambda: "/elsewhere")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert temporary_folder() == str(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    assert temporary_folder() == "/elsewhere"


def test_a_certificate_tells_its_end_or_why_it_is_refused(tmp_path: Path) -> None:
    pem = self_signed("localhost")
    (tmp_path / "ca.pem").write_bytes(pem)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    with tls_server(pem) as (port, _):
        shown = read_certificate("localhost", port, trusting)
    assert shown["problem"] == ""
    assert datetime.fromisoformat(shown["not_after"]) > datetime.now(UTC)
    with tls_server() as (port, _):
        assert read_certificate("localhost", port) == {
            "not_after": None,
            "problem": "Self-signed certificate.",
        }


def test_a_local_run_has_no_certificate(alerting: Alerting) -> None:
    Health(alerting.services.settings, alerting.services.database).tell_certificate()
    assert alerting.rows("select from public.health_facts") == []
