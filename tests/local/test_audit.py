"""`make audit` tells what is known from what nobody could be asked about."""

import os
import subprocess
import time

import pytest

from local import audit

PIP = {
    "dependencies": [
        {"name": "flask", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]},
        {"name": "httpx", "version": "0.28.1", "vulns": []},
        {"name": "ours", "skip_reason": "not found"},
    ]
}
NPM = {
    "vulnerabilities": {"vite": {"severity": "high", "fixAvailable": True}},
    "metadata": {"dependencies": {"total": 40}},
}


def test_what_each_tool_says_is_read():
    pip, npm = audit.read_pip_audit("locks", PIP), audit.read_npm_audit("plugin", NPM)
    assert (pip.asked, pip.known, pip.unasked) == (
        2, ["flask 1.0: PYSEC-1, mended in 1.1"], ["not found"]
    )  # fmt: skip
    assert (npm.asked, npm.known, npm.unasked) == (40, ["vite: high, can be mended"], [])
    assert audit.read_npm_audit("plugin", {"message": "405"}).unasked == ["405"]


@pytest.mark.parametrize(
    ("pip", "npm", "status"),
    [
        ({"dependencies": PIP["dependencies"][1:2]}, {**NPM, "vulnerabilities": {}}, 0),
        ({"dependencies": PIP["dependencies"][1:]}, {**NPM, "vulnerabilities": {}}, 2),
        (PIP, NPM, 1),
    ],
)
def test_an_audit_that_asked_about_nothing_is_not_a_clean_one(
    pip, npm, status, monkeypatch, capsys
):
    monkeypatch.setattr(audit, "read_json", lambda command, *_: pip if "uv" in command else npm)
    monkeypatch.setattr(audit, "days_since_change", lambda lock: 0)
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code == status
    assert "licences: MIT" in capsys.readouterr().out


def test_locks_older_than_two_months_fail_and_say_what_renews_them(monkeypatch, capsys):
    clean = {"uv": {"dependencies": PIP["dependencies"][1:2]}}
    npm = {**NPM, "vulnerabilities": {}}
    monkeypatch.setattr(
        audit, "read_json", lambda command, *_: clean["uv"] if "uv" in command else npm
    )
    ages = {"requirements.txt": 63, "plugin/package-lock.json": 90}
    monkeypatch.setattr(audit, "days_since_change", lambda lock: ages.get(lock, 62))
    with pytest.raises(SystemExit) as ended:
        audit.main()
    told = [line for line in capsys.readouterr().out.splitlines() if "days old" in line]
    assert ended.value.code == 1 and len(told) == 2
    assert "requirements.txt is 63 days old" in told[0] and "`make lock`" in told[0]
    assert "(cd plugin && npm update)" in told[1]


def test_a_lock_is_as_old_as_its_last_commit_and_without_git_as_its_file(tmp_path):
    def git(*arguments):
        then = "@1000000000 +0000"
        environment = {**os.environ, "GIT_AUTHOR_DATE": then, "GIT_COMMITTER_DATE": then}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(tmp_path)}
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, env=environment, check=True)

    lock, day = tmp_path / "requirements.txt", 86_400
    lock.write_text("flask==1.0\n")
    ago = time.time() - 10 * day - 60
    os.utime(lock, (ago, ago))
    assert audit.days_since_change(lock.name, tmp_path) == 10
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "lock")
    assert audit.days_since_change(lock.name, tmp_path) == int((time.time() - 1e9) // day)
    # Just renewed.
    lock.write_text("flask==1.1\n")
    assert audit.days_since_change(lock.name, tmp_path) == 0
