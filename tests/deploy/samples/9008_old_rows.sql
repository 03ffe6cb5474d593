-- in batches
update public.answers set sample_mark = 'old'
where id in (select id from public.answers where sample_mark = 'none' and request_id = 'filled' limit 5000);
