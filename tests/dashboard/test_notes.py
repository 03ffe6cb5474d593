"""Notes on days and people, taking people over, named views, and the weekly report's form."""

import json
from datetime import date, datetime

import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.data import follow_ups
from dashboard.parts import note_marks, view_names
from dashboard.parts.chart_style import DARK
from dashboard.settings import weekly_report
from dashboard.trials import talk_list
from tests.dashboard.stage import (
    Buddy,
    open_page,
    refill_caches,
    rows_behind,
    sign_in,
    words,
)


@pytest.mark.parametrize(
    "x",
    [
        pd.date_range("2026-11-01", periods=5, tz="Europe/Berlin"),
        [date(2026, 11, n) for n in range(1, 6)],
        [datetime(2026, 11, n) for n in range(1, 6)],
    ],
)
def test_a_note_stands_at_its_day_in_a_chart_of_time(
    monkeypatch: pytest.MonkeyPatch, x: list
) -> None:
    notes = pd.DataFrame({"day": ["2026-11-03", "2026-12-09"], "text": ["<b>launch", "later"]})
    monkeypatch.setitem(st.session_state, note_marks.KEY, notes)
    figure = go.Figure(go.Bar(x=x, y=[1, 2, 3, 4, 5]))
    note_marks.mark(figure, DARK)
    [said] = figure.layout.annotations
    # A note is somebody's text: it is no markup.
    assert said.text == "&lt;b&gt;launch"
    assert pd.Timestamp(said.x) == pd.Timestamp("2026-11-03")


def test_a_note_of_the_last_month_stands_at_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = pd.DataFrame({"day": ["2026-11-29", "2026-11-30", "2027-01-02"], "text": list("abc")})
    monkeypatch.setitem(st.session_state, note_marks.KEY, notes)
    figure = go.Figure(
        go.Bar(x=pd.date_range("2026-01-01", periods=11, freq="MS"), y=list(range(11)))
    )
    note_marks.mark(figure, DARK)
    assert [(each.text, pd.Timestamp(each.x).month) for each in figure.layout.annotations] == [
        ("a · b", 11)
    ]


@pytest.mark.parametrize("x", [["Pro", "Trial"], [1, 2], []])
def test_a_chart_of_something_else_has_no_notes(monkeypatch: pytest.MonkeyPatch, x: list) -> None:
    notes = pd.DataFrame({"day": ["2026-11-03"], "text": ["launch"]})
    monkeypatch.setitem(st.session_state, note_marks.KEY, notes)
    figure = go.Figure(go.Bar(x=x, y=x))
    note_marks.mark(figure, DARK)
    assert not figure.layout.annotations


def test_the_list_shows_who_is_open_mine_or_done() -> None:
    talk = pd.DataFrame({"user_id": ["1", "2", "3"], "reason": ["failed", "used_up", "failed"]})
    standing = pd.DataFrame(
        [["1", "failed", "ana@x", False, "", 7], ["2", "used_up", "ana@x", True, "pays", 8],
         ["3", "used_up", "ana@x", True, "of another reason", 9]],
        columns=["user_id", "reason", "assigned_to", "is_done", "remark", "id"],
    )  # fmt: skip
    rows = follow_ups.with_standing(talk, standing)
    assert list(rows["newest"]) == [7, 8, 0]
    for picked, people in (("All", "123"), ("Open", "13"), ("Mine", "1"), ("Done", "2")):
        assert "".join(talk_list.narrowed(rows, picked, "ana@x")["user_id"]) == people
    nobody = follow_ups.with_standing(talk, standing[:0])
    assert len(talk_list.narrowed(nobody, "Open", "ana@x")) == 3


@pytest.mark.parametrize(
    ("url", "page", "address"),
    [
        ("https://d.example.com/revenue?period=7+days", "revenue", "https://d.example.com"),
        ("https://d.example.com/", "overview", "https://d.example.com"),
        ("http://localhost:8501/ops/growth", "growth", "http://localhost:8501/ops"),
        ("", "overview", ""),
    ],
)
def test_a_page_is_known_by_its_address(url: str, page: str, address: str) -> None:
    assert view_names.page_of(url) == page
    assert weekly_report.address_of(url) == address


def test_a_note_on_a_day_is_written_and_every_chart_of_time_shows_it(
    router: AppTest, buddy: Buddy
) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "growth")
    router.session_state["notes"] = True
    router.run()
    router.text_input(key="note_text").set_value("A launch")
    [save] = [each for each in router.button if each.label == "Add note"]
    save.click().run()
    assert not router.exception
    charts = [json.loads(each.proto.spec) for each in router.get("plotly_chart")]
    said = [note["text"] for chart in charts for note in chart["layout"].get("annotations", [])]
    assert "A launch" in said
    router.session_state["views"] = True
    router.run()
    router.text_input(key="view_name").set_value("Board")
    [save] = [each for each in router.button if each.label == "Save this view"]
    save.click().run()
    assert not router.exception
    assert buddy.rows("select name, page from public.saved_views") == [("Board", "overview")]


def test_a_founder_takes_somebody_of_the_lifecycle_over(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    email = buddy.make_operator("founder")
    sign_in(router, email)
    open_page(router, "growth")
    router.session_state["lifecycle_talk"] = True
    # This week is the newest one.
    [week] = [each for each in router.selectbox if each.label == "People of the week"]
    week.select_index(0).run()
    [save] = [each for each in router.button if each.label == "Save"]
    save.click().run()
    assert not router.exception
    made = buddy.rows("select reason, assigned_to, is_done from public.follow_ups")
    assert made == [("new", email, False)]
    [row] = rows_behind(router, "lifecycle", "resurrected").to_dict("records")
    assert (row["state"], row["assigned_to"], row["is_done"]) == ("New", email, False)


def test_support_takes_somebody_over_and_notes_what_was_said(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    buddy.fail()
    email = buddy.make_operator("support")
    sign_in(router, email)
    open_page(router, "trials")
    [save] = [each for each in router.button if each.label == "Save"]
    [done] = [each for each in router.checkbox if each.label == "Done"]
    done.set_value(True)
    save.click().run()
    assert not router.exception
    [table] = [each.value for each in router.dataframe if "Who talks to them" in each.value.columns]
    assert (list(table["Who talks to them"]), list(table["Done"])) == ([email], [True])
    assert f"{email}: done, {email}" in words(router).replace("\\", "")
    router.segmented_control(key="talk_show").set_value("Open").run()
    assert "Nobody here is open" in words(router)
    [(person,)] = buddy.rows("select id::text from public.users where figma_user_id = '1'")
    router.query_params["person"] = person
    open_page(router, "people")
    router.text_area(key="person_note_text").set_value("Called: wants seats")
    [save] = [each for each in router.button if each.label == "Add note"]
    save.click().run()
    assert not router.exception
    assert "Called: wants seats" in words(router)
    assert "Notes (1)" in [each.label for each in router.expander]


def test_founders_switch_the_weekly_report_on(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    router.query_params["section"] = "Weekly report"
    open_page(router, "settings")
    router.checkbox(key="report_on").set_value(True)
    router.text_input(key="report_reason").set_value("for the board")
    [save] = [each for each in router.button if each.label == "Save"]
    save.click().run()
    assert not router.exception
    refill_caches()
    assert "No channel wants it" in words(router)
    assert buddy.rows("select is_on, weekday from public.report_settings") == [(True, 1)]
