"""Days that pass in the database at once: nobody waits for them here."""

from bench.chaos.product import Product

# What was put off for longer than minutes is due now.
_PASS = (
    "update public.figma_quotas set limited_until = now() where limited_until > now()",
    "set local search_path = queue, public; update queue.procrastinate_jobs"
    " set scheduled_at = now() where status = 'todo'"
    " and scheduled_at > now() + interval '5 minutes'",
    "update public.answers set deferred_until = now(), queued_at = now() where state = 'deferred'"
    " and deferred_until > now() + interval '5 minutes'",
)


def let_days_pass(product: Product) -> None:
    """Raises psycopg's errors where the database is away."""
    for statement in _PASS:
        product.rows(statement)
