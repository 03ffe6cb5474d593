"""What the capacity model computes with: one table, each value with how it was measured or where it
was published. Costs are renewed by `python -m bench.operations`, sizes by `make load`.

Measured on two shared and busy cores (Debian 12, Python 3.11, Postgres 16) on 2026-11-30. A core of
one's own is faster.
"""

import math
from typing import NamedTuple


class Cost(NamedTuple):
    """CPU milliseconds of one operation, by part."""

    web: float
    worker: float
    postgres: float
    api: float


class Compute(NamedTuple):
    """A size of a hosted database: dollars a month, cores, connections, clients of the transaction
    pooler, and the size of a database that is recommended for it."""

    name: str
    dollars: float
    cores: int
    connections: int
    pooled: int
    gigabytes: int


class Host(NamedTuple):
    """A size of a container: dollars a month, and cores."""

    name: str
    dollars: float
    cores: float


# --- Measured by `python -m bench.operations`: each kind alone, 240 times, by four people at once.
# The API is the local one (Node), which stands in for PostgREST. In a hosted project it runs on the
# database's own machine.
OPERATIONS = {
    "answer": Cost(2.82, 5.75, 4.87, 1.67),
    "delivery of a comment for others": Cost(3.58, 0.02, 1.50, 1.61),
    "analysis with a model": Cost(10.54, 23.98, 12.75, 9.24),
    "analysis, measured": Cost(17.48, 0.08, 1.11, 0.0),
    "sign-in": Cost(17.26, 0.28, 5.36, 13.92),
    "guidance read and saved": Cost(13.93, 0.16, 5.74, 13.90),
    "account page": Cost(9.98, 0.08, 5.37, 11.44),
    "page of the dashboard": Cost(0.70, 0.36, 26.03, 38.62),
}
# What web (two processes), one worker, Postgres and the API use while nobody asks: heartbeats,
# polls and upkeep.
IDLE_MS_A_SECOND = Cost(0.3, 11.7, 4.3, 7.0)
# Connections to Postgres of one container (web: two processes), as `pg_stat_activity` named them
# under load; and those of them that remain sessions beside a transaction pooler: each LISTENs.
CONNECTIONS = {"web": 6, "worker": 10, "builder": 5}
SESSIONS = {"web": 2, "worker": 2, "builder": 1}
# What one lock lets through: every row of the ledger is written under it. Seen by `bench flight`
# (216 a second on two quiet cores, which were the limit there, not the lock).
LEDGER_WRITES_A_SECOND = 216

# --- Measured by a soak of `make load`, 4,261 answers: bytes of a row with its indexes and toast,
# as a busy table has them, with what updates leave behind between two runs of autovacuum.
ROW_BYTES = {
    "answers": 5_350.0,
    "answer_traces": 2_130.0,
    "webhook_deliveries": 1_015.0,
    "usage_logs": 560.0,
    "model_calls": 330.0,
    "use_receipts": 325.0,
    "advice_outcomes": 300.0,
}
# The same of tables that only small runs of it fill: told, and not compared.
SMALL_ROW_BYTES = {
    "analyses": 2_330.0,
    "analysis_ends": 680.0,
    "activity": 245.0,
    # Its problems by rule, and the two later looks.
    "advice_rules and advice_reads": 610.0,
    # usage_daily_users, ai_cost_daily_users and billing_usage, one row each.
    "rollups of a person and day": 1_090.0,
}
LOG_BYTES = {"web, a request": 220.0, "worker, an answer": 375.0}

# --- Assumed: nobody has measured a public year of it yet. Change them to yours.
# How often each is done for one answer.
PER_ANSWER = {
    "answer": 1.0,
    "delivery of a comment for others": 4.0,
    "analysis with a model": 0.3,
    "analysis, measured": 0.5,
    "sign-in": 0.02,
    "guidance read and saved": 0.05,
    "account page": 0.1,
}
PAGES_A_DAY = 500
# Answers that one person gets in a day.
ANSWERS_A_PERSON = 2.0
# The busiest minutes beside the mean of a day: work is done in a third of it, twice as much before
# noon.
PEAK = 6.0
# From the job's start to the posted reply: a model's eight seconds and Figma's calls.
ANSWER_SECONDS = 10.0
# Tokens of one answer, as prompts of a frame with guidance have them, at gpt-5-mini's list price of
# $0.25 and $2 a million (genai-prices 0.2.3).
MODEL_DOLLARS_AN_ANSWER = (3_000 * 0.25 + 500 * 2.0) / 1e6

# --- What one answer leaves behind, with what is done beside it, and for how many days
# (`purge_expired`; without an entry there it is kept).
_ANALYSES = PER_ANSWER["analysis with a model"]
_PAID = 1 + _ANALYSES
BYTES_AN_ANSWER = {
    "answers": ROW_BYTES["answers"],
    "usage_logs": ROW_BYTES["usage_logs"] * _PAID,
    "use_receipts": ROW_BYTES["use_receipts"] * _PAID,
    "activity": SMALL_ROW_BYTES["activity"] * _PAID,
    "rollups": SMALL_ROW_BYTES["rollups of a person and day"] / ANSWERS_A_PERSON,
    "advice": SMALL_ROW_BYTES["advice_rules and advice_reads"],
    "model_calls": ROW_BYTES["model_calls"] * _PAID,
    "advice_outcomes": ROW_BYTES["advice_outcomes"],
    "analysis_ends": SMALL_ROW_BYTES["analysis_ends"] * _ANALYSES,
    "answer_traces": ROW_BYTES["answer_traces"],
    "webhook_deliveries": ROW_BYTES["webhook_deliveries"]
    * (1 + PER_ANSWER["delivery of a comment for others"]),
    "analyses": SMALL_ROW_BYTES["analyses"] * _ANALYSES,
}
KEPT_FOR_DAYS = {
    "answers": math.inf,
    "usage_logs": math.inf,
    "use_receipts": math.inf,
    "activity": math.inf,
    "rollups": math.inf,
    "advice": 400,
    "model_calls": 400,
    "advice_outcomes": 400,
    "analysis_ends": 400,
    "answer_traces": 30,
    "webhook_deliveries": 30,
    "analyses": 1,
}
# What to do about each limit that gives way.
CHANGES = {
    "web": "more containers of web",
    "worker": "more workers",
    "model calls at once": "more workers",
    "database cores": "the next size; the dashboard on a replica",
    "database size": "the next size; deliveries and traces apart",
    "connections": "DATABASE_POOLER_URL, or the next size",
    "nothing": "it is carried as it is",
    "ledger": "teams on databases of their own",
}

# --- Rules of this model.
# No core and no pool of slots is planned fuller than this.
BUSY_SHARE = 0.6
# Of the connections that a database takes: the rest is for deploys, backups and people.
CONNECTION_SHARE = 0.6
# What the API keeps open.
API_CONNECTIONS = 15
# WORKER_CONCURRENCY as it comes.
WORKER_CONCURRENCY = 200
# From here on one of each may die unnoticed.
TWO_OF_EACH_FROM = 10_000

# --- List prices in dollars a month.
# Supabase: compute sizes, connections and disk of its documentation, "Compute and Disk", read
# 2026-11-30; the Pro plan's $25 with $10 of compute and 8 GB of disk in it.
COMPUTES = (
    Compute("Micro", 10, 2, 60, 200, 10),
    Compute("Small", 15, 2, 90, 400, 50),
    Compute("Medium", 60, 2, 120, 600, 100),
    Compute("Large", 110, 2, 160, 800, 200),
    Compute("XL", 210, 4, 240, 1_000, 500),
    Compute("2XL", 410, 8, 380, 1_500, 1_000),
    Compute("4XL", 960, 16, 480, 3_000, 2_000),
    Compute("8XL", 1_870, 32, 490, 6_000, 4_000),
    Compute("12XL", 2_800, 48, 500, 9_000, 6_000),
    Compute("16XL", 3_730, 64, 500, 12_000, 10_000),
)
PLAN_DOLLARS = 25.0
PLAN_CREDIT_DOLLARS = 10.0
DISK_GB_INCLUDED = 8.0
DISK_DOLLARS_A_GB = 0.125
# Render's web services and workers: Starter (half a core, 512 MB) and Standard (one core, 2 GB),
# list of 2026-05.
HOSTS = (Host("Starter", 7, 0.5), Host("Standard", 25, 1.0))
