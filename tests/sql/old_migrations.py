"""The migrations that sql/baseline replaces, as databases from before it have applied them."""

import re
from pathlib import Path

TEXT = Path(__file__).with_name("before_baseline.sql")


def old_migrations() -> dict[str, str]:
    """Their texts by file name, in order."""
    parts = re.split(r"^-- file: (\S+)\n", TEXT.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def write_old_migrations(folder: Path, *, until: str = "9") -> None:
    """Put those whose names come before `until` into the migrations of a product's folder."""
    (folder / "migrations").mkdir(parents=True, exist_ok=True)
    for name, text in old_migrations().items():
        if name < until:
            (folder / "migrations" / name).write_text(text, encoding="utf-8")
