-- The newest day of analysis_daily may be counted up to an hour of it: read from the ends, the page cost the more the more a
-- day had. The functions that come next fill it; a day that stands there already is whole.

alter table public.analysis_daily add column counted_until timestamptz;
comment on column public.analysis_daily.counted_until is 'The moment up to which the day is counted, while it is not over: the same in each row of the newest day; NULL: the whole day.';
comment on table public.analysis_daily is 'Analyses by reporting day and how they ended: sums of analysis_ends. The newest day is counted by the hour; what is later is read from analysis_ends. Kept 400 days.';
