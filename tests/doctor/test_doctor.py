"""The command as a whole: its exit status, its two forms, and that it never waits and never tells a
secret."""

import json
import threading
from collections.abc import Callable

import psycopg
import pytest

import doctor.__main__ as command
from doctor.checks import ALL, UnknownCheck, choose
from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.report import as_text
from doctor.running import Check, run_all
from doctor.world import World
from local.stack import Database, Stack
from tests.conftest import make_settings
from tests.doctor import test_services, test_settings, test_work
from tests.doctor.conftest import Other, is_told, look


def test_every_check_was_broken_on_purpose():
    tables = (
        test_settings.BROKEN, test_settings.READ_BROKEN, test_services.BROKEN, test_work.BROKEN,
    )  # fmt: skip
    broken = {name for table in tables for name, *_ in table}
    # These have a test of their own: look for it by the name of the check.
    alone = {"unknown_settings", "redirect", "figma_clock", "certificate", "disk", "sandbox"}
    alone |= {"database", "listen", "clock", "connections", "backup_clients", "stored_secrets"}
    alone |= {"channels", "webhooks", "mail"}
    assert broken | alone == {check.name for check in ALL}


def test_names_and_families_choose():
    assert [each.name for each in choose(["clock"])] == ["clock"]
    assert {each.family for each in choose(["figma", "models"])} == {"figma", "models"}
    assert choose([]) == list(ALL)
    with pytest.raises(UnknownCheck, match="no check clokc"):
        choose(["clokc"])


def test_a_check_that_hangs_or_fails_is_a_finding(world_of: Callable[..., World]):
    never = threading.Event()

    def hang(_world: World) -> Finding:
        never.wait()
        return ok("late")

    def break_down(_world: World) -> Finding:
        raise RuntimeError("with very-hidden-word in it")

    def pass_over(_world: World) -> Finding:
        raise Skip("There is nothing here.")

    world = world_of()
    checks = [Check(each.__name__, "any", each) for each in (hang, break_down, pass_over)]
    late, broken, skipped = run_all(checks, world, seconds=0.5)
    never.set()
    assert "no answer within" in late.finding.what and is_told(late.finding)
    assert broken.status == "failed" and "RuntimeError" in broken.finding.what
    assert "hidden" not in str(broken) and skipped.status == "skipped"


def test_no_secret_is_told(world_of: Callable[..., World]):
    world = world_of(openai_api_key="some-odd-key-without-a-form")

    def tell(world: World) -> Finding:
        given = world.settings
        url = given.database_url.get_secret_value()
        key = given.openai_api_key
        return failed(f"At {url}.", f"{key and key.get_secret_value()}.", "figd_abcdefghijklmnop.")

    [told] = run_all([Check("tell", "any", tell)], world)
    for text in (as_text([told], 0), json.dumps(told.to_json())):
        assert "very-hidden-word" not in text and "some-odd-key" not in text
        assert "figd_abc" not in text and "[removed]" in text


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([ok("Fine."), warning("Hm.", "So.", "Do.")], 0),
        ([ok("Fine."), failed("No.", "So.", "Do.")], 1),
    ],
)
def test_the_exit_status_tells_a_pipeline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: list, code: int,
    logging_as_before: None,
):  # fmt: skip
    check = Check("any", "any", lambda _world: found)
    monkeypatch.setattr(command, "choose", lambda _names: [check])
    assert command.main(["--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] == (code == 0) and len(told["checks"]) == 2
    assert set(told["checks"][0]) == {
        *("name", "family", "about", "status", "what", "why", "do", "seconds")
    }
    assert command.main([]) == code
    text = capsys.readouterr().out
    assert "Why it matters: So." in text and "Do this: Do." in text


def test_what_cannot_run_ends_with_two(capsys: pytest.CaptureFixture[str]):
    assert command.main(["--only", "nothing"]) == 2
    assert "There is no check nothing" in capsys.readouterr().err


def test_a_bot_that_may_too_little_is_told(database: Database, stack: Stack, other: Other):
    """Figma names the scope that a call needs: the last answered file is read with the token."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "insert into public.answers (file_key, comment_id, root_comment_id, author_figma_id,"
            " state) values ('FILE', 'c', 'c', 'a', 'answered')"
        )
    changes = {"figma_api_url": other.origin, "figma_bot_token": "figd_any-any-any"}
    world = World(make_settings(database, stack, **changes), {})
    me = (200, {"id": "1", "handle": "Buddy", "email": "b@example.com"}, {})
    lacking = "Invalid scope(s): current_user:read. This endpoint requires the {} scope"
    for place, scope in (("comments", "file_comments:read"), ("images", "file_content:read")):
        refusal = (403, {"status": 403, "err": lacking.format(scope)}, {})
        other.says = {"GET /v1/me": me, f"GET /v1/files/FILE/{place}": refusal}
        found = look("figma_bot", world)
        assert found.status == "failed" and f"lacks {scope}" in found.what and is_told(found)
    # A file that the bot does not see is no lack of a scope.
    other.says = {"GET /v1/me": me}
    assert look("figma_bot", world).what == "It is the account Buddy."
    world.close()
