"""When no worker runs, no worker can raise an alert about it. So then web checks for alerts and
sends them itself."""

import threading
import time
from typing import Any

import structlog

from service.alerts.delivery import Deliveries
from service.answering.outcomes import RetryAt
from service.errors import ServiceError
from service.wiring import Services

WATCH_SECONDS = 60.0
BATCH = 50

log = structlog.get_logger(__name__)


class Watch:
    """One thread per web process. It does nothing while a worker is alive."""

    def __init__(self, services: Services):
        self._database = services.database
        self._deliveries = Deliveries(services)

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._go_on, name="alert-watch", daemon=True)
        thread.start()
        return thread

    def look(self) -> int:
        """Check once. Returns how many deliveries were tried."""
        if self._database.queue_status().workers:
            return 0
        for alert in self._database.check_alerts():
            log.warning("alert_raised", kind=alert.kind)
        due = self._database.due_alert_deliveries(BATCH)
        for delivery_id in due:
            self._deliver(delivery_id)
        return len(due)

    def _deliver(self, delivery_id: Any) -> None:
        try:
            self._deliveries.run(delivery_id)
        except RetryAt as later:
            log.info("alert_delivery_later", delivery_id=delivery_id, reason=later.reason)

    def _go_on(self) -> None:
        while True:
            time.sleep(WATCH_SECONDS)
            try:
                self.look()
            except ServiceError as error:
                log.warning("alert_watch_failed", reason=error.code)
            except Exception:
                # No error may end this loop.
                log.exception("alert_watch_failed")
