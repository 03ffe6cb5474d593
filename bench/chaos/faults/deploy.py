"""A deploy under load: the release command, then old and new processes side by side."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.chaos.product import ROLES, Product
from bench.chaos.schedule import Fault
from local.stage import ROOT
from sql.apply import FOLDER, apply

# Far above the numbers of the product's own.
_FIRST_NUMBER = 9900
_MIGRATION = """\
alter table public.{table} add column if not exists chaos_{number} text;
comment on column public.{table}.chaos_{number} is 'Added by a deploy under load; nobody reads it.';
"""
_TABLES = ("answers", "usage_logs", "webhook_deliveries")


@contextmanager
def deployed(product: Product, draw: random.Random) -> Iterator[None]:
    """A migration on a table in use, every function anew, and each process replaced."""
    apply(
        product.stage.settings.database_url.get_secret_value(),
        _next_version(product.log_folder.parent / "sql", draw),
        say=lambda _: None,
    )
    product.checkout = ROOT
    old = list(product.names.values())
    with product.staff:
        product.start(*ROLES)
    try:
        yield
    finally:
        with product.staff:
            product.retire(old)


def _next_version(folder: Path, draw: random.Random) -> Path:
    """The product's SQL with one more migration, and every function as a new text."""
    if not folder.exists():
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    number = _FIRST_NUMBER + len(list((folder / "migrations").glob("99*.sql")))
    text = _MIGRATION.format(table=draw.choice(_TABLES), number=number)
    (folder / "migrations" / f"{number}_chaos.sql").write_text(text, encoding="utf-8")
    for path in sorted((folder / "functions").rglob("*.sql")):
        changed = f"{path.read_text(encoding='utf-8')}\n-- version {number}\n"
        path.write_text(changed, encoding="utf-8")
    return folder


FAULTS = [Fault("a deploy", 15, 15, deployed)]
