"""What a run of the crowd is judged by: errors, books, memory that stays flat, computed sizes."""

from bench.load.figures import MIB, Growth, Sample, compare, complaints, growths, processes, times
from bench.load.sizes import Sizes, grown_tables
from bench.parts import Memory

FLAT = [100] * 20
# It fills a cache during the warm-up, and is flat from then on.
WARMING = [40, 60, 80, 95, 99, *[100] * 15]
LEAKING = [100 + 2 * n for n in range(20)]
# A garbage collector at work: high and low by turns.
SAWTOOTH = [100, 120] * 10


def samples(own_mib: list[int], part: str = "web") -> list[Sample]:
    return [
        Sample(at * 5.0, {part: at * 2.5}, {part: Memory(2, 300 * MIB, own * MIB)})
        for at, own in enumerate(own_mib)
    ]


def entry(name: str, p50: float = 10.0, errors: int = 0) -> dict:
    return {"name": name, "requests": 120, "errors": errors, "p50_ms": p50, "p95_ms": 2 * p50,
            "p99_ms": 3 * p50}  # fmt: skip


def test_each_kind_is_told_beside_the_empty_route_of_the_same_run() -> None:
    rows = times([entry("empty route"), entry("comment", 35.0), entry("(stand-in)")], 60.0)
    assert [each["what"] for each in rows] == ["comment", "empty route"]
    assert rows[0] == {"what": "comment", "requests": 120, "a_minute": 120.0, "p50_ms": 35,
                       "p95_ms": 70, "p99_ms": 105, "errors": 0, "p50_to_empty": 3.5}  # fmt: skip
    assert times([entry("comment")], 60.0)[0]["p50_to_empty"] == ""


def test_cpu_is_of_one_core_and_memory_the_most_that_was_seen() -> None:
    (row,) = processes(samples(FLAT))
    assert row == {"part": "web", "processes": 2, "cpu_%": 50.0, "memory_mb": 300, "own_mb": 100,
                   "own_growth_%": 0.0}  # fmt: skip


def test_memory_is_flat_or_not_after_the_warm_up() -> None:
    flat = {name: growths(samples(each))[0].is_flat
            for name, each in {"flat": FLAT, "warming": WARMING, "leaking": LEAKING,
                               "sawtooth": SAWTOOTH}.items()}  # fmt: skip
    assert flat == {"flat": True, "warming": True, "leaking": False, "sawtooth": True}
    assert growths(samples([1, 2, 3])) == []
    # Ten per cent of next to nothing is no leak.
    assert Growth("web", 10 * MIB, 11 * MIB).is_flat


def test_a_run_fails_for_errors_lost_answers_leaks_and_sizes() -> None:
    fine = [entry("comment")]
    assert complaints(fine, [], samples(FLAT), is_soak=True) == []
    assert complaints([entry("comment", errors=1)], [], [], is_soak=False) == [
        "comment: 1 of 120 failed"
    ]
    assert complaints(fine, ["these differ"], [], is_soak=False) == ["these differ"]
    leak = samples(LEAKING)
    assert complaints(fine, [], leak, is_soak=False) == []
    assert "memory of web grew by" in complaints(fine, [], leak, is_soak=True)[0]
    # The API of a local run is not what we ship.
    assert complaints(fine, [], samples(LEAKING, "api"), is_soak=True) == []
    sizes = compare({"answers": 4e6, "log": 1e6}, {"answers": 2e6, "log": 1.1e6})
    assert [each["ratio"] for each in sizes] == [2.0, 0.91]
    assert complaints(fine, [], [], is_soak=True, sizes=sizes) == [
        "answers: 3906 KB, and 1953 KB were computed"
    ]


def test_tables_are_told_by_their_growth_with_the_bytes_of_a_row() -> None:
    before = Sizes({"answers": 100_000, "users": 8_192}, {"answers": 10, "users": 5}, {})
    after = Sizes({"answers": 1_100_000, "users": 16_384}, {"answers": 260, "users": 5}, {})
    assert grown_tables(before, after) == [
        {"table": "answers", "rows": 250, "kb": 976, "bytes_a_row": 4000}
    ]
