-- The job queue, whose own schema comes from its package: who may use it, and one index.

grant usage on schema queue to service_role;
grant select, insert, update, delete on all tables in schema queue to service_role;
grant usage, select on all sequences in schema queue to service_role;
grant usage, select on all sequences in schema public to service_role;

-- Each job taken from the queue is first looked up by its lock, to see whether an earlier one of the same thread
-- is still waiting. procrastinate's own index begins with the id: without this one every take reads the whole queue.
create index procrastinate_jobs_waiting_locks on queue.procrastinate_jobs (lock)
where status in ('todo', 'doing');
comment on index queue.procrastinate_jobs_waiting_locks is 'Jobs that wait or run, by lock, for procrastinate_fetch_job_v2.';
