"""All checks, in the order in which they are shown: what others stand on comes first."""

from collections.abc import Sequence

from doctor import (
    address_checks,
    alert_checks,
    database_checks,
    figma_checks,
    github_checks,
    machine_checks,
    model_checks,
    setting_checks,
    supabase_checks,
    work_checks,
)
from doctor.running import Check

ALL: tuple[Check, ...] = (
    *setting_checks.CHECKS,
    *database_checks.CHECKS,
    *supabase_checks.CHECKS,
    *figma_checks.CHECKS,
    *model_checks.CHECKS,
    *github_checks.CHECKS,
    *address_checks.CHECKS,
    *work_checks.CHECKS,
    *alert_checks.CHECKS,
    *machine_checks.CHECKS,
)


class UnknownCheck(Exception):
    """`--only` names neither a check nor a family."""


def choose(names: Sequence[str]) -> list[Check]:
    """The checks of these names or families; all, if none is given. Raises UnknownCheck."""
    known = {check.name for check in ALL} | {check.family for check in ALL}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownCheck(
            f"There is no check {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        )
    return [check for check in ALL if not names or check.name in names or check.family in names]
