-- Builders are told apart from the workers' own runners.

alter table public.pipeline_runners add column queue text not null default '';
comment on column public.pipeline_runners.queue is 'Which stages it takes: pipelines (in a worker) or builds (a builder). Empty: it was begun by a version that did not say.';
