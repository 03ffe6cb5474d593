"""Growth and trials through the router: full, one row, empty, wrong role, database away."""

from datetime import date

import pandas as pd
import psycopg
import pytest
from plotly.graph_objects import Figure
from streamlit.testing.v1 import AppTest

from dashboard.growth import charts as growth_charts
from dashboard.growth import figures
from dashboard.parts.chart_style import DARK, LIGHT
from dashboard.trials import charts as trial_charts
from dashboard.trials import figures as trial_figures
from local.stack import Database
from tests.dashboard.stage import (
    Buddy,
    metrics,
    open_page,
    open_rows,
    refill_caches,
    sign_in,
    words,
)

PEOPLE = """
insert into public.users (figma_user_id, handle, first_seen_at)
    select 'g-' || n, '=Person ' || n,
        date_trunc('day', now(), 'UTC') + interval '12 hours' - make_interval(days => 1 + n)
    from generate_series(1, 50) as n where n <= 25 or n in (40, 50);
insert into public.usage_logs (answer_id, at, feature, status, user_id, plan_code, cost_state,
    cost_microusd)
    select gen_random_uuid(), users.first_seen_at + interval '1 hour' + make_interval(days => use),
        'comment', 'answered', users.id, 'trial', 'priced', 1
    from public.users, generate_series(0, 9) as use
    where figma_user_id like 'g-%' and substr(figma_user_id, 3)::integer >= use;
insert into public.use_balances (user_id, plan_code, period_start, used)
    select user_id, 'trial', '-infinity', uses from public.user_features
    where feature = 'comment' and plan_code = 'trial'
    on conflict do nothing;
insert into public.subscriptions (user_id, plan_code, starts_at)
    select id, 'pro', first_seen_at + make_interval(days => paid.days)
    from public.users join (values ('g-14', 12), ('g-20', 12), ('g-40', 30)) as paid (who, days)
        on paid.who = figma_user_id;
"""


@pytest.fixture
def company(buddy: Buddy, database: Database) -> Buddy:
    """25 people, one sign-up a day, and two older ones: each asks daily, up to ten; three pay."""
    with psycopg.connect(database.database_url) as connection:
        connection.execute(PEOPLE)
    return buddy


def test_growth_shows_people_charts_and_definitions(router: AppTest, company: Buddy) -> None:
    sign_in(router, company.make_operator("founder"))
    open_page(router, "growth")
    assert not router.exception
    shown = metrics(router)
    assert shown["Sign-ups"] == "25"
    assert shown["Activation"] == "100 %"
    assert shown["DAU"] == "9"
    assert (shown["WAU"], shown["MAU"]) == ("15", "25")
    # With the last such weekday of the 30 days before: nobody asked then but the two older ones.
    assert next(tile for tile in router.metric if tile.label == "DAU").delta == "+800 %"
    assert len(router.get("plotly_chart")) == 4
    # By week, whatever the period, until somebody asks otherwise.
    assert router.segmented_control(key="lifecycle").value == "Weeks"
    assert any(each.value.startswith("Retention, weeks since ") for each in router.header)
    assert all(tile.help for tile in router.metric)
    assert "Days are those of UTC" in words(router)


def test_each_growth_tile_and_chart_opens_rows_that_add_up_to_it(
    router: AppTest, company: Buddy
) -> None:
    sign_in(router, company.make_operator("founder"))
    open_page(router, "growth")
    tiles = [figures.SIGN_UPS, figures.ACTIVATION, figures.STICKINESS]
    for metric in [*tiles, *(metric for metric, _ in figures.PEOPLE)]:
        open_rows(router, metric.name)
        assert not router.exception
        check_sum(metrics(router)[metric.label], table_with(router, metric.name)[metric.name])
    for name, column in (
        ("active_days", "wau"), ("lifecycle", "state"), ("retention", "periods"),
        ("features", "ever"),
    ):  # fmt: skip
        open_rows(router, name)
        assert not router.exception
        assert len(table_with(router, column)) > 0


def table_with(router: AppTest, column: str) -> pd.DataFrame:
    return next(each.value for each in router.dataframe if column in each.value)


def check_sum(shown: str, parts: pd.Series) -> None:
    """The tile's text is the sum of the rows' column."""
    if " of " in shown:
        part, whole = shown.split(" of ")
        assert parts.sum() == pytest.approx(int(part) / int(whole))
    elif shown.endswith("%"):
        assert parts.sum() * 100 == pytest.approx(float(shown.removesuffix(" %")), abs=0.5)
    else:
        assert shown == f"{parts.sum():,}"


def test_the_cells_of_the_retention_are_counted_from_its_rows(
    router: AppTest, company: Buddy
) -> None:
    sign_in(router, company.make_operator("founder"))
    open_page(router, "growth")
    open_rows(router, "retention")
    rows = table_with(router, "active_in")
    numbers = [set(each.split(", ")) for each in rows["active_in"]]
    assert sum(map(len, numbers)) == rows["periods"].sum() > len(rows)
    assert all("0" in each for each in numbers)


def test_few_people_are_shown_as_people_with_an_interval(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    few = PEOPLE.replace("n <= 25 or n in (40, 50)", "n <= 3")
    with psycopg.connect(database.database_url) as connection:
        connection.execute(few)
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "growth")
    assert not router.exception
    [tile] = [each for each in router.metric if each.label == "Stickiness"]
    assert tile.value.endswith(" of 3")
    assert any(each.value.endswith(" % likely") for each in router.caption)
    open_rows(router, figures.STICKINESS.name)
    parts = table_with(router, figures.STICKINESS.name)[figures.STICKINESS.name]
    assert f"{round(parts.sum() * 3, 1):g} of 3" == tile.value


def test_retention_is_shared_by_its_address(router: AppTest, company: Buddy) -> None:
    router.query_params.update({"cohorts": "Months", "retained": "In it or later"})
    sign_in(router, company.make_operator("founder"))
    open_page(router, "growth")
    assert not router.exception
    assert router.segmented_control(key="cohorts").value == "Months"
    assert router.segmented_control(key="retained").value == "In it or later"
    router.segmented_control(key="cohorts").set_value("Days").run()
    assert not router.exception


def test_growth_and_trials_are_whole_in_every_period(router: AppTest, company: Buddy) -> None:
    sign_in(router, company.make_operator("founder"))
    for page in ("growth", "trials"):
        open_page(router, page)
        for period in ("24 hours", "12 months", "Last month"):
            router.segmented_control(key="period").set_value(period).run()
            assert not router.exception
            assert len(router.metric) >= 4


def test_one_person_is_shown_as_one(router: AppTest, buddy: Buddy) -> None:
    buddy.answer()
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "growth")
    assert not router.exception
    assert (metrics(router)["Sign-ups"], metrics(router)["Activation"]) == ("1", "–")
    open_page(router, "trials")
    assert not router.exception
    shown = metrics(router)
    assert (shown["On trial now"], shown["30 days: cohort (ChartMogul)"]) == (
        "1",
        "0 of 1",
    )
    assert shown["30 days: ÷ ended (Stripe)"] == "–"


def test_the_empty_product_says_so(router: AppTest, buddy: Buddy) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "growth")
    assert not router.exception
    assert "Nobody signed up" in router.info[0].value
    open_page(router, "trials")
    assert not router.exception
    assert "A trial begins" in router.info[0].value
    assert "Nobody today" in words(router)


def test_trials_shows_three_named_conversions_and_whom_to_talk_to(
    router: AppTest, company: Buddy
) -> None:
    sign_in(router, company.make_operator("support"))
    open_page(router, "trials")
    assert not router.exception
    shown = metrics(router)
    assert shown["On trial now"] == "23"
    assert shown["30 days: cohort (ChartMogul)"] == "8.0 %"
    [cohort] = [each for each in router.metric if each.label.startswith("30 days: cohort")]
    assert cohort.value and "2 of 25, so far" in [each.value for each in router.caption]
    assert "Not narrowed by plan" in words(router)
    assert shown["30 days: ÷ new (Baremetrics)"] == "12 %"
    assert shown["30 days: ÷ ended (Stripe)"] == "3 of 18"
    # What does not follow the period says its own window.
    heads = [each.value for each in router.header]
    assert any(each.startswith("Where everyone stands") and each.endswith("now") for each in heads)
    assert sum(", since " in each for each in heads) == 2
    assert len(router.get("plotly_chart")) == 3
    table = router.dataframe[0].value
    assert "All 10 used, not paying: ask why" in set(table["Why"])
    assert "Survival by use" in words(router)


def test_each_trial_tile_and_chart_opens_rows_that_add_up_to_it(
    router: AppTest, company: Buddy
) -> None:
    sign_in(router, company.make_operator("founder"))
    open_page(router, "trials")
    for metric in (
        trial_figures.ON_TRIAL, trial_figures.COHORT, trial_figures.PER_NEW,
        trial_figures.PER_ENDED,
    ):  # fmt: skip
        open_rows(router, metric.name)
        assert not router.exception
        check_sum(metrics(router)[metric.label], table_with(router, metric.name)[metric.name])
    for name, column in (
        ("standing", "outcome"), ("converts", "days"), ("survival", "started"), ("talk", "why"),
    ):  # fmt: skip
        open_rows(router, name)
        assert not router.exception
        assert len(table_with(router, column)) > 0


@pytest.mark.parametrize(
    ("role", "page"), [("finance", "growth"), ("finance", "trials"), ("support", "growth")]
)
def test_a_role_finds_only_its_pages(router: AppTest, buddy: Buddy, role: str, page: str) -> None:
    sign_in(router, buddy.make_operator(role))
    with pytest.raises(ValueError, match=page):
        open_page(router, page)


def test_a_database_that_is_away_is_one_plain_sentence(
    router: AppTest, company: Buddy, database: Database
) -> None:
    sign_in(router, company.make_operator("founder"))
    for page, function in (("growth", "growth_sign_ups"), ("trials", "trial_standing")):
        with psycopg.connect(database.admin_url, autocommit=True) as connection:
            connection.execute(f"revoke execute on function public.{function} from authenticated")
            try:
                refill_caches()
                open_page(router, page)
            finally:
                connection.execute(f"grant execute on function public.{function} to authenticated")
        assert not router.exception
        assert ["cannot be read right now" in each.value for each in router.error] == [True]
        assert function not in words(router)


def cohort_cells(**changes: object) -> pd.DataFrame:
    cell = {"cohort": "2026-03-02", "size": 40, "number": 0, "bounded": 40, "unbounded": 40}
    cells = [
        {**cell, "is_over": True},
        {**cell, "number": 1, "bounded": 10, "unbounded": 20, "is_over": True},
        {**cell, "cohort": "2026-03-09", "size": 12, "bounded": 3, "is_over": False},
    ]
    return pd.DataFrame(cells)


def test_cells_of_a_period_under_way_are_grey_and_small_ones_show_people() -> None:
    figure = growth_charts.cohorts(cohort_cells(), "week", "bounded", LIGHT)
    pale, deep, open_ = figure.data
    assert [list(row) for row in pale.text] == [["", "25"], ["", ""]]
    assert [list(row) for row in deep.text] == [["100", ""], ["", ""]]
    assert [list(row) for row in open_.text] == [["", ""], ["3<br>/12", ""]]
    assert "%" in figure.layout.xaxis.title.text
    assert {colour for _, colour in open_.colorscale} == {LIGHT.faint}
    assert "can still rise" in open_.customdata[1][0]
    assert "9–53 %" in open_.customdata[1][0]


def test_lost_people_are_drawn_downwards_and_open_periods_hatched() -> None:
    periods = pd.DataFrame(
        {
            "period": pd.to_datetime([date(2026, 3, 2), date(2026, 3, 9)]),
            "new": [2, 1], "kept": [0, 1], "resurrected": [0, 0], "lost": [0, 1],
            "is_over": [True, False],
        }
    )  # fmt: skip
    figure = growth_charts.lifecycle(periods, "week", "Week (UTC)", DARK)
    bars = {bar.name: list(bar.y) for bar in figure.data}
    assert (bars["Kept"], bars["Lost"]) == ([0, 1], [0, -1])
    assert list(figure.data[0].marker.pattern.shape) == ["", "/"]


def test_survival_starts_at_all_and_stops_where_nobody_has_come_to() -> None:
    none = float("nan")
    steps = pd.DataFrame(
        {
            "step": [1, 2], "went_on": [30, 0], "stopped": [10, 0], "inside": [0, 30],
            "survival": [0.75, none], "low": [0.59, none], "high": [0.86, none],
        }
    )  # fmt: skip
    figure: Figure = trial_charts.survival(steps, LIGHT)
    line = figure.data[-1]
    assert list(line.x) == ["1", "2", "paid"]
    assert list(line.text) == ["", "75 %", "–"]
    assert list(line.marker.symbol) == ["circle", "circle", "circle-open"]
    assert "Still with us after it: 75 % (59–86 %)" in line.customdata[1]


def test_a_step_few_people_came_to_shows_them_and_their_interval() -> None:
    steps = pd.DataFrame(
        {
            "step": [1, 2], "went_on": [30, 3], "stopped": [10, 1], "inside": [0, 26],
            "survival": [0.75, 0.56], "low": [0.59, 0.3], "high": [0.86, 0.8],
        }
    )  # fmt: skip
    line = trial_charts.survival(steps, LIGHT).data[-1]
    assert list(line.text) == ["", "75 %", "3 of 4"]
    assert "Went on: 3 of 4 (30–95 %)" in line.customdata[2]
    assert "56" not in line.customdata[2]


def test_few_users_of_a_feature_are_people_with_an_interval() -> None:
    rows = pd.DataFrame({"feature": ["comment"], "ever": [3], "first_time": [1], "uses": [9]})
    bar = growth_charts.features(rows, 12, LIGHT).data[0]
    assert list(bar.text) == ["3 of 12"]
    assert bar.customdata[0][2] == " (9–53 %)"
