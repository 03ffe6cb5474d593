-- Several jobs of the queue for one worker in one call: procrastinate's own function gives one at a time.
-- A queue is mostly empty, and Postgres's statistics still say so when a burst arrives. Left to itself, Postgres would
-- read and sort the whole queue for each job (6 ms at 3,000 jobs; 0.1 ms by the indexes).
create or replace function private.take_jobs(p_queues character varying[], p_worker_id bigint, p_limit integer)
returns setof queue.procrastinate_jobs
language plpgsql
security invoker
set search_path = queue, pg_temp
set enable_seqscan = off
set enable_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_job queue.procrastinate_jobs;
begin
    for v_turn in 1..p_limit loop
        v_job := queue.procrastinate_fetch_job_v2(p_queues, p_worker_id);
        exit when v_job.id is null;
        return next v_job;
    end loop;
end;
$$;
comment on function private.take_jobs is 'At most p_limit jobs of these queues, given to a worker as procrastinate_fetch_job_v2 gives one.';
revoke execute on function private.take_jobs from public, anon, authenticated;
