"""What is kept for a time is removed in time, seen to be, and described as it is."""

import re
from uuid import UUID

from local.stack.stack import ROOT
from service.building.stage_worker import EXPIRE_SECONDS, ORPHANS_SECONDS
from service.figma.replies import reply_reference
from service.retention import EVERY, KINDS
from service.upkeep import PURGE_SECONDS

UPKEEP = (ROOT / "sql/functions/queue/upkeep.sql").read_text(encoding="utf-8")
# Each as ('name', 'public.table', 'condition' 'continued').
KIND = re.compile(r"\('(\w+)', 'public\.(\w+)',\s*((?:'(?:[^']|'')*'\s*)+)\)")
# Removed by other means than one condition in purge_expired.
ELSEWHERE = {"payloads", "artifacts", "orphans"}
# In other words than an interval.
WORDED = {"until they end": "< now()", "24 hours": "- 96"}


def test_every_kind_is_described_with_its_table_and_time() -> None:
    told = {name: (table, condition) for name, table, condition in KIND.findall(UPKEEP)}
    assert set(told) | ELSEWHERE == set(KINDS)
    for name, (table, condition) in told.items():
        kept = KINDS[name]
        assert kept.table == table, name
        assert WORDED.get(kept.long, f"interval ''{kept.long}''") in condition or (
            f"interval ''{kept.long.rstrip('s')}''" in condition
        ), (name, kept.long, condition)
    assert EVERY.total_seconds() == PURGE_SECONDS >= EXPIRE_SECONDS
    assert KINDS["orphans"].every.total_seconds() == ORPHANS_SECONDS


def test_each_run_is_noted_with_what_it_removed(sql) -> None:
    webhook = sql.switch_on(sql.sign_in("1"))
    sql.ask(webhook, "c1", payload={"comment": "words"})
    sql.connection.execute(
        "update public.webhook_deliveries set received_at = now() - interval '31 days'"
    )
    sql.call("purge_expired")
    sql.call("purge_expired")
    sql.call("note_removed", "artifacts", 3)
    sql.call("note_removed", "orphans", 0)
    noted = {each["name"]: each for each in sql.call("retention_list")}
    assert set(noted) == set(KINDS)
    assert (noted["deliveries"]["removed"], noted["deliveries"]["total"]) == (1, 1)
    assert noted["deliveries"]["last_at"] > noted["deliveries"]["removed_at"]
    assert (noted["artifacts"]["total"], noted["orphans"]["removed_at"]) == (3, None)


def test_an_answer_is_found_by_the_reference_of_its_reply(sql) -> None:
    webhook = sql.switch_on(sql.sign_in("1"))
    ids = [sql.ask(webhook, f"c{at}")["answer_id"] for at in range(3)]
    for answer_id in ids:
        reference = reply_reference(UUID(answer_id))
        for quoted in (reference, f"ref {reference}", f" {reference.lower()} "):
            assert sql.call("answer_by_reference", quoted) == UUID(answer_id)
    for nonsense in ("", "0000000000", "not a reference", "'; drop table", None):
        assert sql.call("answer_by_reference", nonsense) is None
