-- Who wanted to hear of everything still does.
update public.alert_channels set kinds = kinds || array['builds_failing']
where kinds @> array['no_worker', 'queue_stuck', 'silence', 'refresh_failing', 'model_failing', 'disk', 'certificate',
    'backup_missing', 'advice_rule'] and not kinds && array['builds_failing'];
alter table public.alerts validate constraint alerts_kind;
