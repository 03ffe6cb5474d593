"""The SQL functions around the start of a pipeline: what it would take, and the answer that waits
for its end."""

from datetime import datetime

from service.store.pipeline_start_records import AwaitedPipeline, Forecast
from service.store.sql_calls import SqlCalls


class StoredPipelineStarts(SqlCalls):
    """A part of ``Database``."""

    def forecast_pipeline(self, user_id: str, file_key: str) -> Forecast:
        return self._read(
            Forecast.from_json, "forecast_pipeline", user_id=user_id, file_key=file_key
        )

    def await_pipeline(self, answer_id: str, attempt: int, until: datetime) -> AwaitedPipeline:
        """While the pipeline of this answer goes on, the answer is put off: until then, or until
        the pipeline ends. Raises Conflict if another attempt has taken over."""
        return self._read(
            AwaitedPipeline.from_json,
            "await_pipeline",
            answer_id=answer_id,
            attempt=attempt,
            until=until,
        )
