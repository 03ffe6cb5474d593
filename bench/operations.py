"""What one operation costs: `python -m bench.operations`, the source of `bench/capacity_inputs.py`.

Each kind is done alone, many times, by a few people at once, against a real web, worker, Postgres
and API. CPU is what the processes used meanwhile, less what they use when nothing is asked.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from bench import results
from bench.analyze import selection
from bench.load.people import Member, make_people
from bench.pages import Reads, record_pages
from bench.parts import cpu_seconds, memory
from bench.reading import milliseconds
from bench.webhook import comment_body
from local.stage import Stage, answers, build_stage, wait_until

PARTS = ("web", "worker", "postgres", "api")
PEOPLE, AT_ONCE, TIMES = 40, 4, 240
IDLE_SECONDS = 30
MODEL_MS = 300
PAGES = ("overview", "live", "reliability", "growth")
turns = count(1)


def main() -> None:
    logging.disable(logging.WARNING)
    with build_stage() as stage:
        rows, held = measure(stage)
    results.print_table(rows)
    results.print_table(held)
    results.keep({"operations": rows, "processes": held})


def measure(stage: Stage) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """CPU milliseconds of each part for one operation, and what each process holds."""
    start(stage)
    people = [Person(stage, each) for each in make_people(stage, PEOPLE)]
    for each in people:
        each.sign_in()
    idle = {part: cpu / IDLE_SECONDS for part, cpu in _spent(lambda: time.sleep(IDLE_SECONDS))}
    rows: list[dict[str, Any]] = [
        {"what": "idle, ms a second", **{p: round(each * 1000, 1) for p, each in idle.items()}}
    ]
    pages = [reads for _, reads in record_pages(stage, PAGES)]
    for what, act, settle in kinds(stage, pages):
        for warm in people[:AT_ONCE]:
            act(warm)
        settle()
        began = time.monotonic()
        spent = dict(_spent(lambda act=act, settle=settle: _do(act, people, settle)))
        seconds = time.monotonic() - began
        own = {p: (spent[p] - idle[p] * seconds) * 1000 / TIMES for p in PARTS}
        rows.append({"what": what, **{p: round(max(0.0, each), 2) for p, each in own.items()}})
        print(json.dumps(rows[-1]), flush=True)
    return rows, [_held(stage, part) for part in PARTS]


def kinds(
    stage: Stage, pages: list[Reads]
) -> Iterator[tuple[str, Callable[["Person"], None], Callable[[], None]]]:
    """(what, how one person does it, how one waits until all of it is done)."""

    def nothing() -> None: ...

    def all_answered() -> None:
        wait_until(lambda: not _waiting(stage), 120, "the last answer")

    yield "empty route", lambda who: who.post("/bench/empty", {}), nothing
    yield "empty route, signed in", lambda who: who.post("/bench/signed-in", {}), nothing
    yield "delivery of a comment for others", lambda who: who.comment("a word"), nothing
    yield "answer", lambda who: who.comment("@buddy is the contrast ok?"), all_answered
    yield "analysis with a model", lambda who: who.analyse("/api/analyze"), all_answered
    yield "analysis, measured", lambda who: who.analyse("/api/analyze/measure"), nothing
    yield "sign-in", lambda who: who.sign_in(), nothing
    yield "guidance read and saved", lambda who: who.edit(), nothing
    yield "account page", lambda who: who.get("/account"), nothing
    yield "page of the dashboard", lambda _: _open(pages[next(turns) % len(pages)]), nothing


def start(stage: Stage) -> None:
    port = stage.sandbox_url.rsplit(":", 1)[1]
    stage.start(
        "figma", "-m", "bench.load.figma", port,
        ready=lambda: answers(f"{stage.sandbox_url}/v1/me"),
    )  # fmt: skip
    stage.start_model(delay_ms=MODEL_MS)
    stage.environment |= {"TRUSTED_PROXIES": "1", "ANALYSES_PER_QUARTER_HOUR": "10000",
                          "RATE_LIMIT_PUBLIC": "100000/minute"}  # fmt: skip
    stage.start_web("bench.empty_route:create_app()")
    stage.start_worker()


class Person:
    """Somebody with a browser. Raises SystemExit for any answer but the expected one."""

    def __init__(self, stage: Stage, member: Member):
        self._stage, self._member = stage, member
        self._http = httpx.Client(base_url=stage.web_url, trust_env=False, timeout=60)
        self._http.headers.update({"Origin": stage.web_url, "X-Forwarded-For": member.address})

    def get(self, path: str, right: int = 200) -> httpx.Response:
        return self._expect(self._http.get(path), right)

    def post(self, path: str, body: Any) -> None:
        self._expect(self._http.post(path, json=body), 200)

    def sign_in(self) -> None:
        begun = self.get("/api/auth/figma-oauth", 302)
        state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
        person = self._member.person_id
        self.get(f"/api/auth/figma-oauth?code={person}&state={state}", 302)

    def comment(self, text: str) -> None:
        given = {"person": self._member.person_id, "text": text}
        written = self._http.post(f"{self._stage.sandbox_url}/load/comments", json=given).json()
        body = json.loads(comment_body(self._member.passcode, written["id"]))
        body |= {"webhook_id": self._member.webhook_id, "file_key": self._member.file_key}
        body["comment"], body["mentions"] = [{"text": text}], []
        body["triggered_by"] = {"id": self._member.person_id, "handle": "Somebody"}
        self.post("/api/figma-comment-webhook", body)

    def analyse(self, path: str) -> None:
        self.post(path, selection(50, next(turns)))

    def edit(self) -> None:
        tag = self.get("/api/user/context").headers["ETag"]
        changed = {"instructions": f"Brand blue is #0050AA. Version {next(turns)}."}
        answer = self._http.put("/api/user/context", json=changed, headers={"If-Match": tag})
        self._expect(answer, 200)

    def _expect(self, answer: httpx.Response, right: int) -> httpx.Response:
        if answer.status_code != right:
            raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
        return answer


def _do(act: Callable[[Person], None], people: list[Person], settle: Callable[[], None]) -> None:
    # Each thread has people of its own: one person does one thing after the other.
    def work(place: int) -> None:
        own = people[place::AT_ONCE]
        for turn in range(TIMES // AT_ONCE):
            act(own[turn % len(own)])

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work, range(AT_ONCE)))
    settle()


def _open(reads: Reads) -> None:
    milliseconds(reads)


def _spent(act: Callable[[], None]) -> Iterator[tuple[str, float]]:
    before = cpu_seconds()
    act()
    after = cpu_seconds()
    for part in PARTS:
        yield part, after[part] - before.get(part, 0.0)


def _held(stage: Stage, part: str) -> dict[str, Any]:
    """Processes, memory, and connections to Postgres by what they call themselves."""
    found = memory()[part]
    name = {"web": "figma-ai-buddy-web", "worker": "figma-ai-buddy-worker"}.get(part)
    open_now = [row for row in stage.rows(
        "select application_name from pg_stat_activity where backend_type = 'client backend'"
    ) if row[0] == name]  # fmt: skip
    return {"part": part, "processes": found.processes, "memory_mb": found.share >> 20,
            "connections": len(open_now) if name else ""}  # fmt: skip


def _waiting(stage: Stage) -> int:
    return int(
        stage.rows(
            "select count(*) from queue.procrastinate_jobs where status in ('todo', 'doing')"
        )[0][0]
    )


if __name__ == "__main__":
    main()
