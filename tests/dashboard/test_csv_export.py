"""CSV that Excel opens as it is meant, and that adds up."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.exports import csv_export


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_text_that_would_start_a_formula_is_only_a_text(start: str) -> None:
    frame = pd.DataFrame({"handle": [f"{start}cmd|' /C calc'!A0"]})
    assert read(csv_export.to_csv(frame))[1][0].startswith(f"'{start}")


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    frame = pd.DataFrame({"a": [-5, 3], "b": [None, "ünï"], "c": [True, False]})
    data = csv_export.to_csv(frame, {"a": -2})
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 4
    assert read(data) == [
        ["a", "b", "c"], ["-5", "", "true"], ["3", "ünï", "false"], ["-2", "", ""],
    ]  # fmt: skip


@given(st.lists(st.integers(-(10**15), 10**15), max_size=8))
def test_the_footer_is_the_sum_of_the_rows_to_the_micro_dollar(costs: list[int]) -> None:
    frame = pd.DataFrame({"at": ["x"] * len(costs), "cost_microusd": costs})
    lines = read(csv_export.to_csv(frame, {"cost_microusd": sum(costs)}))
    assert lines[0] == ["at", "cost_microusd", "cost (USD)"]
    assert lines[-1][0] == "Total"
    assert int(lines[-1][1]) == sum(int(line[1]) for line in lines[1:-1])
    assert lines[-1][2].replace(".", "").lstrip("-0") == str(abs(sum(costs))).lstrip("0")
