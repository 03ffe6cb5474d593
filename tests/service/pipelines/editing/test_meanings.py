"""The spec follows a candidate's tags, labels and groups, and nothing else of it."""

from service.pipelines.editing import with_meaning
from service.pipelines.generate import generate
from service.pipelines.spec import Element, Spec, build_spec
from service.pipelines.testing import write_tests
from tests.service.pipelines.fixtures.designs import DESIGNS
from tests.service.pipelines.fixtures.layers import column, design, row, words


def meant(spec: Spec, *changes: tuple[str, str]) -> Spec:
    path = f"{spec.name}.tsx"
    files = dict(generate(spec, traced=True).files)
    for what, instead in changes:
        assert what in files[path], what
        files[path] = files[path].replace(what, instead)
    return with_meaning(spec, files)


def layer(spec: Spec, key: str) -> Element:
    return next(each for each in spec.root.walk() if each.id == key)


SONGS = build_spec(DESIGNS["instances"]())
CARD = build_spec(DESIGNS["card"]())
PAIR = build_spec(
    design(
        column(
            "Page",
            words("Title", 24, 600, name="Title"),
            row("Box", words("First words", 16, name="One"), pad=8, id="2:1"),
            row("Box", words("Second words", 16, name="Two"), pad=8, id="2:2"),
            w=400,
        )
    )
)


def test_a_tag_in_a_part_is_that_of_each_of_its_instances() -> None:
    spec = meant(
        SONGS,
        ("<p data-node={nodes[3]}", "<h3 data-node={nodes[3]}"),
        ("{text}</p>", "{text}</h3>"),
    )
    assert [layer(spec, key).tag for key in ("1:8", "1:14", "1:20", "1:26")] == ["h3"] * 4
    assert [layer(spec, key).tag for key in ("1:9", "1:15")] == ["p"] * 2


def test_labels_are_taken_over() -> None:
    spec = meant(
        CARD, ('alt="Quay photo"', 'alt="The quay"'), ("<article ", '<article aria-label="Walk" ')
    )
    assert layer(spec, "1:2").attribute("alt") == "The quay"
    assert spec.root.attributes == (("aria-label", "Walk"),)
    assert '"The quay"' in write_tests(spec)["TripCard.test.tsx"]


def test_a_group_is_an_element_around_its_layers() -> None:
    start = '<section className="contents" aria-label="Both"><div data-node="2:1"'
    spec = meant(
        PAIR,
        ('<div data-node="2:1"', start),
        ("</div>\n    </section>", "</div></section>\n    </section>"),
    )
    group = spec.root.children[1]
    assert (group.id, group.tag, group.value("display")) == ("", "section", "contents")
    assert [each.id for each in group.children] == ["2:1", "2:2"]
    assert group.bounds.height == sum(each.bounds.height for each in group.children)
    again = generate(spec).files["Page.tsx"]
    assert '<section className="contents" aria-label="Both">' in again
    assert '["1", [["contents"]]]' in write_tests(spec)["Page.style.test.tsx"]


def test_groups_may_stand_in_each_other() -> None:
    start = '<section className="contents"><header className="contents"><div data-node="2:1"'
    spec = meant(
        PAIR,
        ('<div data-node="2:1"', start),
        ('</div>\n      <div data-node="2:2"', '</div></header>\n      <div data-node="2:2"'),
        ("</div>\n    </section>", "</div></section>\n    </section>"),
    )
    outer = spec.root.children[1]
    assert [each.tag for each in outer.children] == ["header", "div"]
    assert outer.children[0].children[0].id == "2:1"


def test_a_group_may_hold_the_same_as_the_group_around_it() -> None:
    start = '<section className="contents"><ul className="contents"><li data-node="2:1"'
    spec = meant(
        PAIR,
        ('<div data-node="2:1"', start),
        ('</div>\n      <div data-node="2:2"', '</li>\n      <li data-node="2:2"'),
        ("</div>\n    </section>", "</li></ul></section>\n    </section>"),
    )
    outer = spec.root.children[1]
    assert (outer.tag, outer.children[0].tag) == ("section", "ul")
    assert [each.tag for each in outer.children[0].children] == ["li", "li"]


def test_what_no_model_may_say_is_not_taken_over() -> None:
    for changes in (
        [("<button ", "<div "), ("</button>", "</div>")],
        [("<article ", "<form "), ("</article>", "</form>")],
        [("Harbour walk at dusk", "Other words")],
        [("gap-4", "gap-8")],
        [('type="button"', 'type="submit"')],
        [("<article ", '<article role="presentation" ')],
        [("</article>", "</section>")],
    ):
        assert meant(CARD, *changes) == CARD
