"""Charts wait once for the figures above them."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts import chart_card


def two_charts() -> None:
    import plotly.graph_objects as go

    from dashboard.parts import chart_card

    for name in ("first", "second"):
        chart_card.chart(go.Figure(), name)


def test_a_page_that_is_opened_shows_its_figures_before_its_first_chart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(chart_card, "sleep", waited.append)
    page = AppTest.from_function(two_charts).run()
    assert not page.exception
    assert waited == [chart_card.SEEN_FIRST_SECONDS]
    # Whoever picks another period waits for nothing.
    page.run()
    assert len(waited) == 1
