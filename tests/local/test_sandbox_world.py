"""The sandbox's seed, text fragments, state file, page, and the corrected specification."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sandbox import Sandbox, SandboxConfig
from local.sandbox.drawing import draw_svg
from local.sandbox.fragments import join_text, split_text
from local.sandbox.people import FigmaFile, seed_files, seed_people
from local.sandbox.spec import Spec, load_spec, read_published
from local.sandbox.storage import Storage
from local.sandbox.world import World

PEOPLE = {"Ada": "1", "Ada Okafor": "2", "Inês Duarte": "3", "Buddy": "4"}
HANDLES = {id: handle for handle, id in PEOPLE.items()}
WORDS = st.sampled_from(
    ["@Ada", "@Ada Okafor", "@Buddy", "@buddy", ":eyes:", ":+1:", ":", "@", "\n", " ", "10:30:45"]
)
KINDS = {
    "DOCUMENT": "DocumentNode", "CANVAS": "CanvasNode", "FRAME": "FrameNode", "TEXT": "TextNode",
    "RECTANGLE": "RectangleNode", "ELLIPSE": "EllipseNode", "INSTANCE": "InstanceNode",
    "COMPONENT": "ComponentNode", "STICKY": "StickyNode",
}  # fmt: skip


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@given(st.lists(st.one_of(WORDS, st.text(max_size=8))).map("".join))
def test_the_fragments_of_a_text_joined_give_the_text_back(text: str) -> None:
    fragments = split_text(text, PEOPLE)
    assert join_text(fragments, HANDLES) == text
    assert all(len(each) == 1 and all(each.values()) for each in fragments)


def test_the_longest_name_is_the_one_mentioned() -> None:
    assert split_text("@Ada Okafor, @Adam @buddy", PEOPLE) == [
        {"mention": "2"},
        {"text": ", @Adam @buddy"},
    ]


def test_every_seeded_node_is_valid_by_the_published_schema_of_its_kind() -> None:
    published = Spec(read_published())
    checks = {kind: published.check_named(name) for kind, name in KINDS.items()}
    for file in seed_files().values():
        for node in file.nodes.values():
            alone = {**node, "children": []} if "children" in node else node
            assert checks[node["type"]](alone) is None
    assert checks["TEXT"]({"type": "TEXT", "id": "1:1"}) is not None


def test_the_published_specification_refuses_what_figma_sends_and_the_corrected_one_does_not() -> (
    None
):
    event = {
        "event_type": "FILE_COMMENT", "webhook_id": "22", "passcode": "secretpasscode",
        "timestamp": "2020-02-23T20:27:16Z", "file_key": "zH44k2FUM629Fa4EMShiHL",
        "file_name": "Mockup library", "comment": [{"text": "TODO: \n"}, {"mention": "8117"}],
        "comment_id": "32", "parent_id": "", "order_id": "23 ", "resolved_at": "",
        "created_at": "2020-02-23T20:27:16Z", "mentions": [{"id": "8117", "handle": "Evan"}],
        "triggered_by": {"id": "8138", "handle": "Dylan"},
    }  # fmt: skip
    assert Spec(read_published()).check_named("WebhookFileCommentPayload")(event) is not None
    assert load_spec().check_named("WebhookFileCommentPayload")(event) is None
    both = {**event, "comment": [{"text": "a", "mention": "8117"}]}
    assert load_spec().check_named("WebhookFileCommentPayload")(both) is not None


def test_ids_tokens_and_keys_are_fixed_and_unique() -> None:
    people = seed_people("bot-token")
    assert len({each.token for each in people.values()}) == len(people) == 8
    assert next(each for each in people.values() if each.handle == "Buddy").token == "bot-token"
    node_ids = [id for file in seed_files().values() for id in file.nodes]
    assert all(len(file.nodes) > 3 for file in seed_files().values())
    assert len(node_ids) > 100


def test_state_outlives_a_restart_when_it_has_a_file(tmp_path: Path) -> None:
    config = SandboxConfig(strict=True, state_path=tmp_path / "sandbox.json")
    with Sandbox.start(config) as sandbox:
        kept = sandbox.post_comment("Ada Okafor", "Ada's draft", "Remember @Jonas Lind")
    assert (config.state_path or tmp_path).stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "sandbox.json").read_text())["comments"]
    with Sandbox.start(config) as sandbox:
        (again,) = sandbox.comments("Ada's draft")
        assert (again["id"], again["message"]) == (kept["id"], "Remember @Jonas Lind")
        assert sandbox.post_comment("Ada Okafor", "Ada's draft", "Next")["id"] > kept["id"]


class Days:
    """A clock that somebody sets."""

    def __init__(self, day: int) -> None:
        self.day = day

    def __call__(self) -> float:
        return self.day * 86_400.0


def seeded_ids(world: World) -> set[str]:
    return {id for thread in world.comments.values() for id in thread}


def test_after_a_reset_the_seed_is_the_same_and_no_id_is_used_again() -> None:
    clock = Days(20_000)
    world = World(SandboxConfig(), clock)
    seed, used = seeded_ids(world), [world.next_id() for _ in range(3)]
    world.reset()
    used.append(world.next_id())
    # A clock that was set back leads to no id twice either.
    clock.day -= 1
    world.reset()
    used.append(world.next_id())
    assert seeded_ids(world) == seed
    assert used == sorted(set(used) - seed)


def test_a_state_that_was_lost_or_not_saved_in_time_leads_to_no_id_twice(tmp_path: Path) -> None:
    clock, path = Days(20_000), tmp_path / "sandbox.json"
    first = World(SandboxConfig(), clock)
    saved, unsaved = first.to_json(), int(first.next_id())
    clock.day += 1
    without = World(SandboxConfig(), clock)
    path.write_text(json.dumps(saved))
    older = World(SandboxConfig(), clock)
    Storage(older, path).close()
    assert int(without.next_id()) > unsaved
    assert int(older.next_id()) > unsaved
    assert seeded_ids(without) == seeded_ids(first) == seeded_ids(older)


def test_a_saved_state_from_a_clock_ahead_is_continued_above_its_ids() -> None:
    ahead = World(SandboxConfig(), Days(20_001))
    used = int(ahead.next_id())
    behind = World(SandboxConfig(), Days(20_000))
    behind.load(ahead.to_json())
    assert int(behind.next_id()) > used


def test_a_spoilt_state_file_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    spoilt = tmp_path / "sandbox.json"
    spoilt.write_text('{"last_id": 1}')
    with pytest.raises(ValueError, match="Delete it to start again"):
        Storage(World(SandboxConfig()), spoilt)


def test_the_settings_come_from_the_environment() -> None:
    config = SandboxConfig.from_env(
        {
            "FIGMA_CLIENT_ID": "app",
            "FIGMA_BOT_TOKEN": "bot",
            "SANDBOX_REDIRECT_URIS": "http://127.0.0.1:1/a, http://127.0.0.1:1/b",
            "SANDBOX_STRICT": "1",
            "SANDBOX_CLOCK": "60",
        }
    )
    assert (config.client_id, config.bot_token, config.strict) == ("app", "bot", True)
    assert config.redirect_uris == ("http://127.0.0.1:1/a", "http://127.0.0.1:1/b")
    assert config.clock == 60


def test_the_page_shows_threads_escaped_and_only_what_is_new(sandbox: Sandbox) -> None:
    key = sandbox.file("Checkout redesign")["key"]
    sandbox.post_comment("Ada Okafor", key, "<script>alert(1)</script> @Buddy")
    page = httpx.get(f"{sandbox.url}/design/{key}/Checkout-redesign?as=nobody").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert '<b class="at">@Buddy</b>' in page
    changes = httpx.get(f"{sandbox.url}/sandbox/page/{key}").json()
    assert changes["pins"].count('data-testid="pin"') == 4
    same = {"version": str(changes["version"])}
    assert httpx.get(f"{sandbox.url}/sandbox/page/{key}", params=same).status_code == 204


@pytest.mark.parametrize("file", seed_files().values(), ids=lambda file: file.name)
def test_each_file_has_a_drawing_and_a_page(sandbox: Sandbox, file: FigmaFile) -> None:
    assert draw_svg(file.frames).startswith("<svg")
    answer = httpx.get(f"{sandbox.url}/design/{file.key}")
    assert answer.status_code == 200
    assert all(f'data-node="{frame["id"]}"' in answer.text for frame in file.frames)


def test_unknown_people_files_and_deliveries_are_404_with_a_hint(sandbox: Sandbox) -> None:
    for path, body in (
        ("/sandbox/comments/none", {"person_id": "1", "text": "x"}),
        ("/sandbox/revoke", {"person_id": "1"}),
        ("/sandbox/redeliver", {"delivery_id": "1"}),
    ):
        answer = httpx.post(sandbox.url + path, json=body)
        assert answer.status_code == 404
        assert "GET /sandbox/" in answer.json()["err"]
    assert httpx.get(f"{sandbox.url}/design/none").status_code == 404
