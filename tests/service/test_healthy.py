"""Containers ask their process whether it lives, and are told why not."""

import asyncio

import pytest

from service import healthy
from service.observing.metrics import serve_metrics
from service.observing.pulse import SILENT_SECONDS, Pulse


def test_a_process_lives_while_its_loop_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = Pulse()

    async def beat() -> None:
        pulse.start()

    server = serve_metrics(0, pulse=pulse)
    monkeypatch.setenv("WORKER_METRICS_PORT", str(server.server_port))
    asyncio.run(beat())
    assert healthy.complaint("worker") == ""
    pulse._last -= SILENT_SECONDS
    assert healthy.complaint("worker") == "worker answers 503."
    asyncio.run(beat())
    assert healthy.complaint("worker") == ""
    server.shutdown()
    server.server_close()
    assert "worker does not answer" in healthy.complaint("worker")


def test_what_cannot_be_asked_says_which_setting_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUILDER_METRICS_PORT", raising=False)
    assert healthy.complaint("builder").startswith("BUILDER_METRICS_PORT is 0")
    monkeypatch.setattr("sys.argv", ["healthy", "nobody"])
    with pytest.raises(SystemExit, match="Say which process"):
        healthy.main()
