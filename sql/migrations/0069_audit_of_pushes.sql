-- Whoever has a finished component pushed is named, beside whoever retries or cancels a run.
create trigger pipelines_push_audit after update on public.pipelines
    for each row when (old.state = 'done' and new.state = 'push')
    execute function private.audit('options', 'facts', 'params', 'trace_parent', 'idempotency_key');
