"""What a model may change in a file, and what it may not: each case is one edit of a real draft."""

import re
from collections.abc import Callable
from random import Random

import pytest

from local.model.edits import better
from service.pipelines.editing import with_meaning
from service.pipelines.editing.edit_rules import Refused, check_edit
from service.pipelines.generate import generate
from service.pipelines.generate.traces import without_traces
from service.pipelines.spec import Spec, build_spec
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import column, design, row, words
from tests.service.pipelines.fixtures.trees import any_design


def files_of(spec: Spec) -> dict[str, str]:
    return dict(generate(spec, traced=True).files)


CARD = build_spec(DESIGNS["card"]())
SONGS = build_spec(DESIGNS["instances"]())
ALERT = build_spec(DESIGNS["alert_set"]())
# The box of four images in the card, and its end.
FACES, END = '<div data-node="1:7"', "</div>\n          <p"
# Where the prop "text" of the row of a song is named.
PROP = (("{ ", ","), ("{ ", ":"), ("{", "}"), (" ", "={"))
PAGE = build_spec(
    design(
        column(
            "Page",
            row("Box", words("First words", 16, name="One"), pad=8, id="2:1"),
            row("Box", words("Second words", 16, name="Two"), pad=8, id="2:2"),
            w=400,
        )
    )
)


def tried(spec: Spec, *changes: tuple[str, str], opened: frozenset[str] = frozenset()) -> str:
    """What an edit is refused for; "" if it is taken."""
    path = f"{spec.name}.tsx"
    old = files_of(spec)[path]
    new = old
    for what, instead in changes:
        assert what in new, what
        new = new.replace(what, instead)
    given = {each.id: dict(each.attributes) for each in spec.root.walk()}
    try:
        check_edit(path, old, new, given=given, opened=opened)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("make", DESIGNS.values(), ids=list(DESIGNS))
def test_every_draft_can_be_read_and_compared(make: Callable[[], dict[str, object]]) -> None:
    spec = build_spec(make())
    for path, text in files_of(spec).items():
        if path.endswith((".ts", ".tsx")):
            check_edit(path, text, text, given={})
            check_edit(path, text, text.replace("\n", "\n\n"), given={})


@pytest.mark.parametrize("seed", range(60))
def test_designs_of_chance_can_be_edited(seed: int) -> None:
    spec = build_spec(any_design(Random(seed)))
    files = files_of(spec)
    path = f"{spec.name}.tsx"
    assert with_meaning(spec, files) == spec
    check_edit(path, files[path], better(files[path]), given={})


@pytest.mark.parametrize(
    ("spec", "changes"),
    [
        # Tags of boxes and of texts.
        (CARD, [("<h2 ", "<h3 "), ("</h2>", "</h3>")]),
        (CARD, [("<article ", "<section "), ("</article>", "</section>")]),
        # Labels: of what has one, and of a box.
        (CARD, [('alt="Quay photo"', 'alt="A quay at dusk, seen from the water"')]),
        (CARD, [('<article data-node="1:1"', '<article data-node="1:1" aria-label="A walk"')]),
        (CARD, [('data-node="1:7"', 'data-node="1:7" role="group" aria-label={"Guests"}')]),
        # Names, wherever they are used.
        (SONGS, [("SongRow", "Song")]),
        (SONGS, [(f"{before}text{after}", f"{before}title{after}") for before, after in PROP]),
        (ALERT, [("theListWasSavedStyles", "messageStyles"), ("signStyles", "iconStyles")]),
        # The order of classes, and how code is laid out.
        (CARD, [("flex justify-between items-center", "items-center flex justify-between")]),
        (CARD, [("Harbour walk at dusk", "{'Harbour walk at dusk'}")]),
        (CARD, [("Harbour walk at dusk", '{"Harbour walk at dusk"}')]),
    ],
)  # fmt: skip
def test_what_a_model_may_change(spec: Spec, changes: list[tuple[str, str]]) -> None:
    assert tried(spec, *changes) == ""


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("changed_import", [("import {", 'import evil from "evil";\nimport {')]),
        ("changed_import", [('"class-variance-authority"', '"clsx"')]),
        ("changed_import", [("import type", 'import "./theme.css";\nimport type')]),
        ("forbidden_name", [("  return (", '  fetch("https://a.example");\n  return (')]),
        ("forbidden_name", [("  return (", '  eval("1");\n  return (')]),
        ("forbidden_name", [("onClick={onBookAPlace}", "onClick={() => window.close()}")]),
        ("forbidden_name", [("<article ", '<article dangerouslySetInnerHTML={{ __html: "x" }} ')]),
        ("changed_import", [("  return (", '  import("evil");\n  return (')]),
        ("changed_code", [("  return (", "  console.log(1);\n  return (")]),
        ("changed_code", [("onClick={onBookAPlace}", "onClick={undefined}")]),
        ("unreadable", [("  return (", "  const a = `x`;\n  return (")]),
        ("unreadable", [("  return (", "  const а = 1;\n  return (")]),
        ("changed_words", [(">Book a place<", ">Book a  place<")]),
        ("changed_code", [(">Book a place<", '>Book {"a place"}<')]),
        ("unreadable", [(">Book a place<", ">Book &#97; place<")]),
        ("unreadable", [("</article>", "</section>")]),
        ("unreadable", [("<article ", "<article {...props} ")]),
        ("changed_code", [("  return (", "  // @ts-nocheck\n  return (")]),
        ("unreadable", [("  return (", '  const a = /"/;\n  return (')]),
        ("changed_code", [("  return (", '  const a = /"; /"/;\n  return (')]),
        ("lost_node", [(' data-node="1:12"', "")]),
        ("lost_node", [('data-node="1:12"', 'data-node="1:4"')]),
        ("doubled_node", [("<p data-node", '<hr data-node="1:4" /><p data-node')]),
        ("foreign_node", [("<p data-node", '<hr data-node="9:9" /><p data-node')]),
        ("changed_words", [("Harbour walk at dusk", "Harbour walk at dawn")]),
        ("changed_words", [('type="button"', 'type="submit"')]),
        ("changed_layout", [("flex flex-col gap-4", "flex flex-col gap-8")]),
        ("changed_layout", [("text-white", "text-black")]),
        ("changed_layout", [("gap-4 items-start", "gap-4")]),
        ("changed_layout", [(' className="text-sm font-semibold text-white"', "")]),
        ("refused_tag", [("<button ", "<div "), ("</button>", "</div>")]),
        ("refused_tag", [("<article ", "<script "), ("</article>", "</script>")]),
        ("refused_tag", [("<article ", "<form "), ("</article>", "</form>")]),
        ("refused_tag", [(FACES, FACES.replace("div", "li")), (END, END.replace("div", "li"))]),
        # An image is no item of a list.
        ("refused_tag", [(FACES, FACES.replace("div", "ul")), (END, END.replace("div", "ul"))]),
        ("refused_tag", [("<p ", "<div "), ("</p>", "</div>")]),
        ("refused_attribute", [("<article ", '<article style={{ color: "red" }} ')]),
        ("refused_attribute", [("<article ", '<article onClick={onBookAPlace} ')]),
        ("refused_attribute", [("<article ", '<article aria-label={className} ')]),
        ("refused_attribute", [("<article ", '<article aria-label="see https://a.example" ')]),
        ("refused_attribute", [("<article ", '<article role="presentation" ')]),
        ("refused_attribute", [('alt="Quay photo"', 'alt=""')]),
        ("refused_attribute", [(' alt="Quay photo"', "")]),
        ("refused_attribute", [("<button ", '<button aria-hidden="true" ')]),
        ("refused_name", [("const blankImage", "const noImage")]),
        ("changed_code", [("TripCard(", "Trip(")]),
    ],
)  # fmt: skip
def test_what_a_model_may_not_change(code: str, changes: list[tuple[str, str]]) -> None:
    found = tried(CARD, *changes)
    assert found == code or (code, found) == ("refused_tag", "forbidden_name")


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("eval", "refused_name"), ("TripCard", "refused_name"), ("fetch", "refused_name"),
        ("BlankImage", "refused_name"), ("cx", "refused_name"), ("x" * 60, "refused_name"),
        ("placeholderImage", ""),
    ],
)  # fmt: skip
def test_names_are_plain_and_new(new: str, code: str) -> None:
    assert tried(CARD, ("blankImage", new)) in (code, "forbidden_name" if code else "")


def grouped(start: str, end: str) -> list[tuple[str, str]]:
    first, last = '<div data-node="2:1"', "</div>\n    </"
    return [(first, f"{start}{first}"), (last, f"</div>{end}</")]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ('<section className="contents" aria-label="Both">', "</section>", ""),
        ('<nav className="contents">', "</nav>", ""),
        ('<section className="flex">', "</section>", "refused_group"),
        ('<div className="contents">', "</div>", "refused_group"),
        ('<section>', "</section>", "refused_group"),
        ('<section className="contents" onClick={className}>', "</section>", "refused_group"),
        ("<>", "</>", "changed_code"),
        ('<button className="contents">', "</button>", "changed_code"),
        ('<ul className="contents">', "</ul>", "refused_tag"),
        ('<nav className="contents" aria-label="http://a.a">', "</nav>", "refused_attribute"),
        ('<section className="contents"><header className="contents">', "</header></section>", ""),
    ],
)  # fmt: skip
def test_groups_have_no_look_of_their_own(start: str, end: str, code: str) -> None:
    assert tried(PAGE, *grouped(start, end)) == code


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("instances", "<path ", " />\n      </svg>"),
        ("card", "<span ", "</span>\n        </button>"),
        ("table", '<p data-node="1:4"', "</p>"),
    ],
)
def test_groups_stand_among_boxes_alone(name: str, start: str, end: str) -> None:
    spec = build_spec(DESIGNS[name]())
    path, group = f"{spec.name}.tsx", '<section className="contents">'
    before, is_there, after = files_of(spec)[path].partition(start)
    inner, closed, rest = after.partition(end)
    assert is_there and closed
    new = f"{before}{group}{start}{inner}{closed.split(chr(10))[0]}</section>"
    new += closed[len(closed.split("\n")[0]) :] + rest
    with pytest.raises(Refused) as refused:
        check_edit(path, files_of(spec)[path], new, given={})
    assert refused.value.code == "refused_group"


def test_a_list_may_be_made_of_boxes() -> None:
    items = [
        ('<div data-node="2:1"', '<li data-node="2:1"'),
        ("</div>\n      <div", "</li>\n      <div"),
        ('<div data-node="2:2"', '<li data-node="2:2"'),
        ("</div>\n    </div>", "</li>\n    </div>"),
    ]
    whole = [('<div data-node="1:1"', '<ul data-node="1:1"'), ("</div>\n  );", "</ul>\n  );")]
    assert tried(PAGE, *items) == "refused_tag"
    assert tried(PAGE, *whole) == "refused_tag"
    assert tried(PAGE, *items, *whole) == ""
    group = [('<li data-node="2:1"', '<ol className="contents"><li data-node="2:1"')]
    end = [("</li>\n    </div>", "</li></ol>\n    </div>")]
    assert tried(PAGE, *items, *group, *end) == ""


def test_classes_may_change_where_a_gate_found_fault() -> None:
    here = frozenset({"1:3"})
    assert tried(CARD, ("flex flex-col gap-4", "flex flex-col gap-6"), opened=here) == ""
    assert tried(CARD, ("p-6", "px-6 py-5.5"), opened=here) == ""
    assert tried(CARD, ("p-6", "text-ink-soft"), opened=here) == "", "a class of the file"
    for bad in ("p-[13px]", "absolute", "hidden", "bg-red-500", "opacity-0", "fixed", "sr-only"):
        assert tried(CARD, ("p-6", bad), opened=here) == "changed_layout", bad
    assert tried(CARD, ("justify-between", "justify-center"), opened=here) == "changed_layout"


def test_what_is_used_often_may_change_where_all_of_it_is_wrong() -> None:
    change = ("flex-1 min-w-0 flex flex-col gap-0.5", "flex-1 min-w-0 flex flex-col gap-1")
    rows = ("1:7", "1:13", "1:19", "1:25")
    assert tried(SONGS, change, opened=frozenset(rows)) == ""
    assert tried(SONGS, change, opened=frozenset(rows[:3])) == "changed_layout"
    assert (
        tried(SONGS, change, opened=frozenset({"1:8", "1:14", "1:20", "1:26"})) == "changed_layout"
    )


@pytest.mark.parametrize(
    ("spec", "what", "instead", "code"),
    [
        (CARD, 'data-node="1:4"', "data-node='1:4'", "changed_code"),
        (CARD, 'data-node="1:4"', 'data-node={"1:4"}', ""),
        (CARD, 'data-node="1:4"', 'data-node = "1:4"', "changed_code"),
        (CARD, ' data-node="1:4" ', '\n  data-node="1:4"\n  ', ""),
        (SONGS, "{nodes[3]}", "{ nodes[3] }", "changed_code"),
        (SONGS, 'nodes={["4:0", ', 'nodes={[\n  "4:0",\n  ', ""),
        (SONGS, 'nodes={["4:0", ', "nodes={['4:0', ", "changed_code"),
        (SONGS, "({ text, nodes }: { text: string; nodes: string[] })",
         "({\n  text,\n  nodes,\n}: {\n  text: string;\n  nodes: string[];\n})", ""),
        (SONGS, "({ text, nodes }: {", "({ text, nodes }:{", "changed_code"),
    ],
)  # fmt: skip
def test_traces_are_written_so_that_they_can_be_taken_out(
    spec: Spec, what: str, instead: str, code: str
) -> None:
    assert tried(spec, (what, instead)) == code
    if not code:
        path = f"{spec.name}.tsx"
        bare = without_traces({path: files_of(spec)[path].replace(what, instead)})[path]
        assert "data-node" not in bare
        assert "nodes" not in bare


def test_what_a_model_added_may_be_taken_back() -> None:
    path = "TripCard.tsx"
    plain = files_of(CARD)[path]
    labelled = plain.replace('<article data-node="1:1"', '<article data-node="1:1" aria-label="A"')
    check_edit(path, labelled, plain, given={"1:1": {}})
    with pytest.raises(Refused):
        check_edit(path, labelled, plain, given={"1:1": {"aria-label": "A"}})


def test_stories_may_be_called_by_what_they_show() -> None:
    files = files_of(ALERT)
    path, old = "Alert.stories.tsx", files["Alert.stories.tsx"]
    check_edit(path, old, old.replace("const Error:", "const NotSaved:"), given={})
    for what, instead in (('"error"', '"info"'), ("export default meta", "export default Alert")):
        with pytest.raises(Refused):
            check_edit(path, old, old.replace(what, instead), given={})


def test_types_stay() -> None:
    old = files_of(CARD)["types.ts"]
    for what, instead in (("className?", "classNames?"), ("}", "// more\n}"), ("?:", ":")):
        new = old.replace(what, instead)
        with pytest.raises(Refused):
            check_edit("types.ts", old, new, given={})


ALPHABET = [*"abc<>{}()[]/\\\"'`=;:.,\n ", "<div>", "</div>", "data-node", "import", "fetch(1)"]


@pytest.mark.parametrize("seed", range(40))
def test_no_change_of_chance_comes_through(seed: int) -> None:
    """Whatever is done to the letters, nothing but an edit that is allowed is taken, and nothing
    but a refusal is raised."""
    chance = Random(seed)
    path = "SongListPanel.tsx"
    old = files_of(SONGS)[path]
    for _ in range(15):
        new = old
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(new))
            end = min(len(new), start + chance.choice((0, 0, 1, 2, 30)))
            new = new[:start] + chance.choice(ALPHABET) + new[end:]
        try:
            check_edit(path, old, new, given={})
        except Refused:
            continue
        assert _stripped(new) == _stripped(old)


def _stripped(text: str) -> str:
    """Without what may change, and what does not count: blanks, labels, names of functions."""
    text = re.sub(r'(aria-label|alt)="[^"]*"', "", text)
    for name in re.findall(r"^function (\w+)", text, re.MULTILINE):
        text = re.sub(rf"\b{name}\b", "Part", text)
    for classes in re.findall(r'className="([^"]*)"', text):
        text = text.replace(classes, " ".join(sorted(classes.split())))
    return re.sub(r"[\s;]|,(?=\s*[)}\]])", "", text).replace("'", '"')
