"""How web starts: with complete settings or not at all, and in one format from its first line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.stack import ROOT
from service.config import Settings
from tests.service.web.processes import COMMAND, PATH, environment_of, gunicorn, wait_for

SOME = {"SUPABASE_URL": "https://project.supabase.co", "BUDDY_TRIGGERS": ","}


@pytest.mark.parametrize(("given", "named"), [({}, []), (SOME, ["BUDDY_TRIGGERS"])])
def test_without_complete_settings_it_ends_with_one_message(
    given: dict[str, str], named: list[str], tmp_path: Path
) -> None:
    # Away from the checkout, whose .env may hold a developer's own.
    away = COMMAND.replace(
        "service/web/gunicorn_conf.py", str(ROOT / "service" / "web" / "gunicorn_conf.py")
    )
    ended = subprocess.run(
        ["/bin/sh", "-c", f"exec {away}"],
        cwd=tmp_path,
        env={"PATH": PATH, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "PORT": "0", **given},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1 and ended.stdout == ""
    first, *lines = ended.stderr.splitlines()
    assert first.startswith("The settings are not complete.")
    names = [line.strip().partition(":")[0] for line in lines]
    assert set(names) >= {"DATABASE_URL", "SESSION_SECRET", *named}
    assert all(line.startswith("  ") for line in lines) and len(set(names)) == len(names)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_gunicorns_own_lines_look_like_all_others_also_after_a_reload(
    log_format: str, web_settings: Settings, web_port: int, tmp_path: Path
) -> None:
    environment = environment_of(web_settings, tmp_path) | {"LOG_FORMAT": log_format}

    def output() -> str:
        return (tmp_path / "output").read_text()

    with gunicorn(environment, web_port, tmp_path) as process:
        wait_for(lambda: output().count("Booting worker") == 2)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: output().count("Booting worker") == 4)
        process.terminate()
        assert process.wait(40) == 0
    lines = output().splitlines()
    for words in ("Starting gunicorn", "Listening at", "Booting worker", "Hang up", "Shutting"):
        [line, *_] = [line for line in lines if words in line]
        assert "gunicorn.error" in line and str(process.pid) not in line.partition(words)[0]
    if log_format == "json":
        assert all(json.loads(line)["level"] for line in lines)
    assert os.listdir(tmp_path) == ["output"]


def test_nothing_that_waits_is_imported_before_gevent_has_replaced_what_blocks(
    web_settings: Settings, tmp_path: Path
) -> None:
    """Else a worker would serve one delivery at a time: psycopg chooses how to wait as it loads."""
    begin = (
        "import runpy, sys; from gunicorn.config import Config;"
        "runpy.run_path('service/web/gunicorn_conf.py')['OwnLines'](Config());"
        "print(sorted({'psycopg', 'httpx', 'requests', 'flask'} & sys.modules.keys()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", begin],
        cwd=ROOT,
        env=environment_of(web_settings, tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.stdout, ended.returncode) == ("[]\n", 0), ended.stderr
