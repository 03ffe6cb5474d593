"""The first .env for compose.yaml lacks nothing but what others give, and is never overwritten."""

import os
import stat

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from local import compose_env
from service.config import Settings


def write(tmp_path, monkeypatch, *more: str) -> dict[str, str]:
    out = tmp_path / "env"
    command = ["compose_env", "buddy.example.com", "ops.example.com", "--out", str(out), *more]
    monkeypatch.setattr("sys.argv", command)
    compose_env.main()
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600
    lines = out.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def test_it_makes_what_is_ours_and_names_the_rest(tmp_path, monkeypatch, capsys):
    given = write(tmp_path, monkeypatch)
    required = {name.upper() for name, each in Settings.model_fields.items() if each.is_required()}
    assert required <= given.keys()
    empty = {name for name in required if not given[name]}
    said = capsys.readouterr().out
    assert empty <= set(said.replace(".", "").replace(",", "").split())
    # No secret is shown.
    assert not [
        name
        for name in given.keys() - empty
        if given[name].rstrip("=") and given[name].rstrip("=") in said
    ]
    for name in empty:
        given[name] = (
            "postgresql://a:b@c:5432/d" if name == "DATABASE_URL" else "https://a.example.com"
        )
    Settings(_env_file=None, **{name.lower(): value for name, value in given.items()}, **given)
    with pytest.raises(SystemExit, match="is not overwritten"):
        write(tmp_path, monkeypatch)


def test_a_supabase_of_ones_own_gets_keys_that_its_secret_signs(tmp_path, monkeypatch):
    given = write(tmp_path, monkeypatch, "--self-hosted")
    key = OctKey.import_key(given["JWT_SECRET"])
    for name, role in (
        ("SUPABASE_ANON_KEY", "anon"),
        ("SUPABASE_SERVICE_ROLE_KEY", "service_role"),
    ):
        assert jwt.decode(given[name], key).claims["role"] == role
    assert given["COMPOSE_PROFILES"] == "self-hosted"
    assert given["POSTGRES_PASSWORD"] in given["DATABASE_URL"]
