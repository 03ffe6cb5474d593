"""The page Quality through the router: its figures, its rows, and the disputes."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.quality import sections
from tests.dashboard.stage import Buddy, metrics, open_page, rows_behind, sign_in, words


@pytest.fixture
def rated(buddy: Buddy) -> str:
    """One answer taken, one ignored, one disputed, two of which nothing is known; the disputed."""
    for state in ("grounded", "repaired"):
        buddy.answer(grounding=state)
    taken, ignored, disputed = (buddy.answer() for _ in range(3))
    buddy.call("tend_advice")
    for answer, gone in ((taken, 1), (ignored, 0)):
        buddy.rows(
            "insert into public.advice_rules (answer_id, rule, findings)"
            f" values ('{answer}', 'contrast-text', 1) returning 1"
        )
        buddy.rows(
            "insert into public.advice_reads (answer_id, round, file_key, due_at)"
            f" values ('{answer}', 7, 'F', now()) returning 1"
        )
        rules = f'{{"rules": {{"contrast-text": [{gone}, {1 - gone}]}}}}'
        buddy.call("keep_advice_read", answer, 7, rules)
    buddy.rows(
        "insert into public.advice_thumbs (answer_id, author_figma_id, thumb_answer_id, is_good)"
        f" values ('{disputed}', '1', '{taken}', false) returning 1"
    )
    buddy.call("tend_advice")
    return disputed


def test_each_tile_is_what_its_rows_add_up_to_and_each_dispute_opens(
    router: AppTest, buddy: Buddy, rated: str
) -> None:
    sign_in(router, buddy.make_operator("support"))
    open_page(router, "quality")
    assert not router.exception
    shown = metrics(router)
    assert shown == {
        "Grounded answers": "1 of 2", "Advice taken": "1 of 3", "Taken": "1", "Ignored": "1",
        "Disputed": "1", "Unknown": "2",
    }  # fmt: skip
    expected = {
        "grounded_share": ("grounded", 1), "taken_share": ("taken", 1), "taken": ("taken", 1),
        "ignored": ("ignored", 1), "unknown": ("unknown", 2), "disputed": ("disputed", 1),
        "advice": ("unknown", 2), "by_rule": ("taken", 1), "by_model": ("unknown", 2),
        "by_context": ("disputed", 1), "disputes": ("disputed", 1),
    }  # fmt: skip
    for name, (column, total) in expected.items():
        assert rows_behind(router, name, column)[column].sum() == total, name
    [table] = [each.value for each in router.dataframe if "Comment" in each.value.columns]
    assert list(table["Answer"]) == [f"/answer?id={rated}"]
    [rules] = [each.value for each in router.dataframe if "Flag" in each.value.columns]
    assert list(rules["Rule"]) == ["Contrast text"]
    assert list(rules["Taken share"]) == ["1 of 2 (9–91 %)"] and list(rules["Flag"]) == [""]


def test_without_answers_the_page_says_how_they_come(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "quality")
    assert not router.exception and "followed for a week" in words(router)


def test_a_flagged_rule_says_so_and_unknown_is_in_no_share() -> None:
    row = ("naming", 0, 40, 0, 900, 0.0, 0.0, 0.088, True, None)
    rows = pd.DataFrame([row], columns=sections.queries.BY)
    table = sections.to_table(rows, "rule")
    assert table.iloc[0].to_dict() == {
        "Rule": "Naming", "Flag": "⚑ Nobody takes it", "Taken share": "0 % (0–9 %)", "Known": 40,
        "Taken": 0, "Ignored": 40, "Disputed": 0, "Unknown": 900,
    }  # fmt: skip
