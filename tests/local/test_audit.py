"""`make audit` tells what is known from what nobody could be asked about."""

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
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code == status
    assert "licences: MIT" in capsys.readouterr().out
