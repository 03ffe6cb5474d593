"""Writes the same files of a month as the billing page: `make export MONTH=2026-10 [OUT=…]`.

Meant for a cron job: it uses the service's key, so that nobody has to sign in.
"""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from postgrest.exceptions import APIError
from supabase import ClientOptions, create_client

from dashboard.exports import month as files
from dashboard.exports.writing import write
from service.config import Settings, load_settings
from service.sentences import sentence


class ExportError(SystemExit):
    """Nothing, or not everything, was written; the message says why."""


def export_month(settings: Settings, month: date, folder: Path) -> list[Path]:
    """Write the four files of a UTC month into `folder`; return their paths.

    A file gets its final name only when it is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with httpx.Client(timeout=120) as http:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        key = settings.supabase_service_role_key.get_secret_value()
        client = create_client(settings.supabase_url, key, options)
        for export in files.ALL:
            path = folder / export.file_name(month)
            part = path.with_suffix(".part")
            with part.open("wb") as target:
                write(
                    export,
                    lambda name, given: client.rpc(name, given).execute().data,
                    month,
                    target,
                )
            part.replace(path)
            written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the files of a month.")
    parser.add_argument("month", help="such as 2026-10")
    parser.add_argument("folder", nargs="?", default="exports", type=Path)
    given = parser.parse_args()
    month = _month(given.month)
    try:
        written = export_month(load_settings(), month, given.folder)
    except OSError as error:
        raise ExportError(
            f"The files cannot be written into {given.folder}: {error.strerror}. Give another "
            "folder as OUT=…."
        ) from error
    except httpx.TransportError as error:
        raise ExportError(
            f"Supabase does not answer ({type(error).__name__}). For the local stack start "
            "`make run` in another terminal first; else check SUPABASE_URL."
        ) from error
    except APIError as error:
        said = sentence(error.message or "", error.details)
        raise ExportError(f"The database refused: {said} ({error.code}).") from error
    for path in written:
        sys.stdout.write(f"{path}\n")


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ExportError(f"{text!r} is no month: write it as 2026-10.") from None
    # The database would bill today's plans for it: a mistyped year must not look like books.
    if month > datetime.now(UTC).date():
        raise ExportError(
            f"{text} has not begun yet (months are UTC): nobody owes anything for it."
        )
    return month


if __name__ == "__main__":
    main()
