"""Figma API quotas that are used up, by account and file."""

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_table

QUOTAS = [
    "figma_user_id", "handle", "file_key", "file_name", "tier", "plan_tier", "limit_type",
    "limited_until", "refusals", "upgrade_link", "updated_at", "reads_7d", "put_off",
]  # fmt: skip


@cached(ttl=30)
def read_quotas(operator: Operator) -> pd.DataFrame:
    """Columns QUOTAS: SQL function `figma_quota_list`."""
    times = ("limited_until", "updated_at")
    return call_table(operator, "figma_quota_list", QUOTAS, times=times)
