"""What people paste, and what it stands for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.figma.link_parsing import LinkError, Target, parse_link

KEY = "zH44k2FUM629Fa4EMShiHL"
BRANCH = "AbC44k2FUM629Fa4EMShiX"


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.figma.com/design/{KEY}/Shop",
        f"https://www.figma.com/file/{KEY}",
        f"http://figma.com/board/{KEY}/Ideas?t=abc-1",
        f"www.figma.com/slides/{KEY}/Deck",
        f"figma.com/proto/{KEY}/Shop?page-id=0%3A1",
        f"HTTPS://WWW.FIGMA.COM/design/{KEY}/",
        f"  <https://www.figma.com/buzz/{KEY}/x> \n",
        f'"https://www.figma.com/deck/{KEY}/x"',
        f"https://embed.figma.com/design/{KEY}/x?embed-host=share",
        f"https://embed.figma.com/proto/{KEY}/x?page-id=0%3A1&embed-host=share",
        "https://www.figma.com/embed?embed_host=share&url=https%3A%2F%2Fwww.figma.com%2Ffile%2F"
        f"{KEY}%2Fx",
        f"https://www.figma.com/embed?embed_host=share&url=https://figma.com/design/{KEY}/x",
        '<iframe style="border: 1px solid rgba(0, 0, 0, 0.1);" width="800" height="450" '
        f'src="https://embed.figma.com/design/{KEY}/x?embed-host=share&amp;t=1" allowfullscreen>'
        "</iframe>",
        f"figma://file/{KEY}",
        f"figma://design/{KEY}/Shop?t=1",
        f"figma://www.figma.com/file/{KEY}",
        f"https://www.figma.com:443/design/{KEY}/Shop",
        f"https://www.figma.com./design/{KEY}/Shop",
        f"https://www.figma.com/design/{KEY}.",
        f"(https://www.figma.com/design/{KEY}),",
        f"https://www.figma.com/design/{KEY}?",
        f"[Shop](https://www.figma.com/design/{KEY})",
        f"Shop – https://www.figma.com/design/{KEY}/Shop and more",
        f"<https://www.figma.com/design/{KEY}|Shop>",
        f"https%3A%2F%2Fwww.figma.com%2Fdesign%2F{KEY}%2FShop",
        f"https://www.figma.com/design/{KEY}/Shop?branch-id=",
        KEY,
        f" {KEY}\n",
        "a" * 22,
    ],
)
def test_a_file_is_known_by_any_of_its_links(link):
    target = parse_link(link)
    assert (target.context, target.branch, target.node_id) == ("file", None, None)
    assert target.file_key == target.id == (KEY if KEY in link else "a" * 22)


@pytest.mark.parametrize(
    ("node", "node_id"),
    [
        ("1-2", "1:2"),
        ("1%3A2", "1:2"),
        ("1:2", "1:2"),
        ("I12-3;45-6", "I12:3;45:6"),
        ("I12-3%3B45-6", "I12:3;45:6"),
        ("I12%3A3%3B45%3A6", "I12:3;45:6"),
        ("1%253A2", "1:2"),
        ("I12-34%3B56-78", "I12:34;56:78"),
        ("", None),
        ("x", None),
        ("1-2,3-4", None),
    ],
)
def test_a_link_can_point_at_a_node(node, node_id):
    link = f"https://www.figma.com/design/{KEY}/Shop?m=dev&node-id={node}&t=1"
    assert parse_link(link) == Target("file", KEY, None, node_id)


def test_a_branch_has_a_key_of_its_own():
    target = parse_link(f"https://www.figma.com/design/{KEY}/branch/{BRANCH}/Shop?node-id=1-2")
    assert target == Target("file", KEY, BRANCH, "1:2")
    assert target.file_key == BRANCH


def test_a_branch_can_stand_in_the_query():
    link = f"https://www.figma.com/file/{KEY}/Shop?branch-id={BRANCH}&node-id=1-2"
    assert parse_link(link) == Target("file", KEY, BRANCH, "1:2")
    shown = f"https%3A%2F%2Fwww.figma.com%2Ffile%2F{KEY}%2Fx%3Fnode-id%3D1-2%26branch-id%3D{BRANCH}"
    embed = f"https://www.figma.com/embed?embed_host=share&url={shown}"
    assert parse_link(embed) == Target("file", KEY, BRANCH, "1:2")


@pytest.mark.parametrize("end", [".", ",", ").", "!", "”", ">"])
def test_what_follows_a_link_in_a_sentence_is_not_part_of_its_node(end):
    link = f"See https://www.figma.com/design/{KEY}/Shop?node-id=1-2{end}"
    assert parse_link(link) == Target("file", KEY, None, "1:2")


@pytest.mark.parametrize(
    ("path", "context", "place"),
    [
        ("files/team/123/Design-team", "team", "123"),
        ("files/team/123", "team", "123"),
        ("files/900/team/123/all-projects?fuid=1", "team", "123"),
        ("files/team/123/project", "team", "123"),
        ("files/project/456/Web", "project", "456"),
        ("files/900/project/456/Web", "project", "456"),
        ("files/team/123/project/456/Web", "project", "456"),
        ("files/900/folder/456", "project", "456"),
    ],
)
def test_teams_and_projects_are_known_by_their_pages(path, context, place):
    assert parse_link(f"https://www.figma.com/{path}") == Target(context, place)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("", "no Figma link"),
        ("<>", "no Figma link"),
        ("x" * 3_000, "no Figma link"),
        ("hello", "not a link to Figma"),
        ("1234567890123456789012", "not a link to Figma"),
        (f"https://example.com/design/{KEY}", "not a link to Figma"),
        (f"https://figma.com.evil.example/design/{KEY}", "not a link to Figma"),
        (f"https://figma.com@evil.example/design/{KEY}", "not a link to Figma"),
        (f"https://me@figma.com/design/{KEY}", "not a link to Figma"),
        (f"ftp://figma.com/design/{KEY}", "not a link to Figma"),
        (f"javascript://figma.com/design/{KEY}", "not a link to Figma"),
        ("https://[::1/design", "not a link to Figma"),
        (f"https://embed.figma.com.evil.example/design/{KEY}", "not a link to Figma"),
        (f"https://evil.example/https://www.figma.com/design/{KEY}", "not a link to Figma"),
        (f"https://evil.example/?url=https://www.figma.com/design/{KEY}", "not a link to Figma"),
        (f"https://www.figma.com:8443/design/{KEY}", "not a link to Figma"),
        (f"https://www.figma.com/embed?url=https://evil.example/design/{KEY}", "not a link to Fig"),
        ("https://www.figma.com/embed?embed_host=share", "not a link to Figma"),
        (f"figma://evil.example/design/{KEY}", "no file, project or team"),
        (f"https://www.figma.com/design/{KEY}/x?branch-id=x", "key of the branch is missing"),
        (f"http://127.0.0.1:8100/design/{KEY}", "not a link to Figma"),
        ("https://www.figma.com/community/file/123/Icons", "Community page"),
        (f"https://www.figma.com/make/{KEY}/App", "Figma Make"),
        (f"https://www.figma.com/site/{KEY}/Home", "Figma Sites"),
        ("https://www.figma.com/", "no file, project or team"),
        ("https://www.figma.com/pricing", "no file, project or team"),
        ("https://www.figma.com/design/", "key of the file is missing"),
        ("https://www.figma.com/design/../../x", "key of the file is missing"),
        (f"https://www.figma.com/design/{KEY}/branch/x/y", "key of the branch is missing"),
        ("https://www.figma.com/files/900/recents", "no single team or project"),
        ("https://www.figma.com/files/team/x%2F1/y", "no single team or project"),
    ],
)
def test_anything_else_is_refused_with_its_reason(link, reason):
    with pytest.raises(LinkError, match=reason) as caught:
        parse_link(link)
    assert (caught.value.status, caught.value.code) == (400, "bad_link")


def test_a_local_figma_counts_when_it_is_named():
    link = f"http://127.0.0.1:8100/design/{KEY}/Shop?node-id=1-2"
    hosts = ("127.0.0.1:8100",)
    assert parse_link(link, extra_hosts=hosts) == Target("file", KEY, None, "1:2")
    with pytest.raises(LinkError):
        parse_link(link.replace("8100", "8101"), extra_hosts=hosts)


@settings(deadline=None)
@given(
    st.text()
    | st.text().map(lambda path: f"https://www.figma.com/{path}")
    | st.text().map(lambda query: f"https://www.figma.com/embed?url={query}")
    | st.text().map(lambda path: f"figma://{path}")
)
def test_any_text_is_a_target_or_a_link_error(text):
    try:
        assert parse_link(text).id
    except LinkError as error:
        assert error.message.endswith(".")
