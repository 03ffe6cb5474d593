"""Makes a crowd's accounts: each with a plan that lasts, and the buddy switched on in a file."""

from dataclasses import dataclass

import psycopg

from bench.load.figma import file_of
from local.stage import Stage
from service.secrets.encryption import new_token

PLAN = "load"


@dataclass(frozen=True)
class Member:
    """One of the crowd. `webhook_id` is Figma's, `passcode` what its deliveries bring."""

    person_id: str
    address: str
    webhook_id: str
    passcode: str
    file_key: str


def make_people(stage: Stage, count: int) -> list[Member]:
    """Accounts as a sign-in makes them; webhooks and plans as rows."""
    members = [
        Member(str(n), f"10.0.{n // 250}.{n % 250 + 1}", f"w{n}", new_token(), file_of(str(n)))
        for n in range(1, count + 1)
    ]
    ids = [stage.sign_in(m.person_id, f"Person {m.person_id}", "token") for m in members]
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        connection.execute(
            "insert into public.plans (code, name, price_microusd, per, uses, period)"
            " values (%s, 'Load', 0, 'user', 1000000, 'month')", (PLAN,)
        )  # fmt: skip
        cursor = connection.cursor()
        cursor.executemany(
            "insert into public.subscriptions (user_id, plan_code) values (%s, %s)",
            [(user_id, PLAN) for user_id in ids],
        )
        cursor.executemany(
            "insert into public.user_webhooks (user_id, figma_webhook_id, context, context_id,"
            " passcode_encrypted, passcode_hash, state, guest_rule)"
            " values (%s, %s, 'file', %s, %s, %s, 'active', 'owner_pays')",
            [
                (user_id, m.webhook_id, m.file_key, stage.vault.encrypt(m.passcode),
                 stage.vault.keyed_hash(m.passcode))
                for user_id, m in zip(ids, members, strict=True)
            ],
        )  # fmt: skip
        for table in ("users", "user_webhooks", "subscriptions"):
            connection.execute(f"analyze public.{table}")  # type: ignore[arg-type]
    return members
