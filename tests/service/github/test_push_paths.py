"""Which files may be pushed, to which folder and branch: attacks on paths and settings."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.github import Repository
from service.pipelines.pushing import PushedPipeline, PushRefused, PushTarget, push
from service.pipelines.pushing.push_paths import MOST_BYTES, MOST_FILES, is_path, place_files
from service.pipelines.pushing.push_targets import is_base, read_folder, read_repository
from tests.service.github.hubs import CREDENTIAL, PLACE, repository_of

PIPELINE = PushedPipeline("0f8fad5b", "Card", datetime(2026, 1, 1, tzinfo=UTC))
BAD_PATHS = [
    "", "/", "/etc/passwd", "../x", "a/../x", "a/./x", ".", "..", "a//b", "a/", "C:\\x", "a\\b",
    "..\\x", ".github/workflows/x.yml", ".GitHub/workflows/x.yml", "a/.github/x", ".git/hooks/x",
    ".GIT/config", "a/.git/x", "git~1/config", "GIT~2/x", ".gitmodules", ".gitattributes",
    ".g\u200cit/config", ".gitlab-ci.yml", "a\nb", "a\x00b", "a\tb", "x/con", "aux.txt", "NUL",
    "a. /b", "a./b", "a /b", " a/b", "a:b", "a*b", 'a"b', "a<b", "a|b", "a?b", "~/x", "$HOME/x",
    "%2e%2e/x", "\u2024\u2024/x", "a" * 121, "/".join(["aaaa"] * 100),
]  # fmt: skip
GOOD_PATHS = ["Card.tsx", "Card/Card.test.tsx", "a b/c (1).tsx", "größe/カード.tsx", "@scope/x.ts",
              "[id]/page.tsx", ".storybook/x.ts", "a.b.c", "-x", "_x"]  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_no_path_leaves_its_folder_or_means_something_to_git(github, client, path):
    target = PushTarget(PLACE, "main", "src", CREDENTIAL)
    with pytest.raises(PushRefused) as caught:
        push(target, {"ok.txt": "x", path: "x"}, PIPELINE, client)
    assert caught.value.code == "push_path_refused"
    assert "\n" not in caught.value.message
    # Nothing was asked of GitHub at all.
    assert github.service.requests == []


@pytest.mark.parametrize("folder", [each for each in BAD_PATHS if each])
def test_no_folder_leaves_the_repository_or_means_something_to_git(github, client, folder):
    with pytest.raises(PushRefused) as caught:
        push(PushTarget(PLACE, "main", folder, CREDENTIAL), {"a": "x"}, PIPELINE, client)
    assert caught.value.code.startswith("push_folder_")
    assert "leave it empty for the root" in caught.value.message
    assert github.service.requests == []


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_plain_names_are_taken(github, client, path):
    done = push(PushTarget(PLACE, "main", "", CREDENTIAL), {path: "x"}, PIPELINE, client)
    repository: Repository = repository_of(github.hub)
    assert repository.objects.files(done.commit)[path] == b"x"


@pytest.mark.parametrize(
    "files",
    [
        {"Card.tsx": "1", "card.tsx": "2"},
        {"a": "1", "a/b": "2"},
        {"A": "1", "a/b": "2"},
        {"straße": "1", "STRASSE": "2"},
    ],
)
def test_files_that_are_one_elsewhere_are_refused(files):
    with pytest.raises(PushRefused):
        place_files(files, "")


def test_too_much_is_refused_and_nothing_too():
    for files in ({}, {f"{n}": "" for n in range(MOST_FILES + 1)}, {"a": b"0" * (MOST_BYTES + 1)}):
        with pytest.raises(PushRefused):
            place_files(files, "src")


@given(st.dictionaries(st.text(max_size=30), st.just("x"), max_size=4), st.text(max_size=20))
def test_whatever_is_taken_is_within_the_folder(files, folder):
    try:
        placed = place_files(files, folder)
    except PushRefused:
        return
    for path in placed:
        assert path.startswith(f"{folder}/" if folder else "")
        parts = path.split("/")
        assert all(part not in ("", ".", "..") for part in parts)
        assert not any(part.lower().startswith(".git") for part in parts)


@pytest.mark.parametrize(
    "base", ["", "buddy/x", "Buddy/x", "buddy", "a..b", "a b", "-x", "/x", "x/", "x.lock", "a~1",
             "a@{1}", "x\n", "refs/../x", "a//b", ".x", "x/.y", "x.", "é"],
)  # fmt: skip
def test_no_odd_branch_is_a_base(github, client, base):
    with pytest.raises(PushRefused) as caught:
        push(PushTarget(PLACE, base, "", CREDENTIAL), {"a": "x"}, PIPELINE, client)
    assert caught.value.code in ("push_base_own", "push_base_unfit")
    assert github.service.requests == []


@pytest.mark.parametrize("base", ["main", "release/2.x", "dev_1", "feature/a-b+c", "v1.0"])
def test_usual_branches_are(base):
    assert is_base(base)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("harbour/design-system", "harbour/design-system"),
        (" https://github.com/harbour/design-system ", "harbour/design-system"),
        ("https://github.com/harbour/design-system.git", "harbour/design-system"),
        ("https://www.github.com/a/b/?tab=readme", "a/b"),
        ("https://github.com/a/b.c", "a/b.c"),
        ("a", None),
        ("a/b/c", None),
        ("a/..", None),
        ("../b", None),
        ("a/b.git", None),
        ("https://evil.example/a/b", None),
        ("https://github.com.evil.example/a/b", None),
        ("https://github.com/a", None),
        ("a/b\nc", None),
        ("a/b?x=1", None),
        ("-a/b", None),
    ],
)
def test_a_repository_is_read_from_its_name_or_address(text, name):
    found = read_repository(text)
    assert (found.full_name if found else None) == name


def test_a_folder_is_taken_as_people_type_it():
    assert [read_folder(each) for each in ("src/ui/", "./src", " src ", "/", "", "/etc")] == [
        "src/ui", "src", "src", "", "", "/etc",
    ]  # fmt: skip
    assert not is_path("")
