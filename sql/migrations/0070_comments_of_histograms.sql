-- What the histograms hold since they are fine; nothing is locked for longer than a moment.
comment on column public.reliability_daily.latency_histogram is 'From webhook to reply, of the answered ones. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
comment on column public.reliability_daily.model_latency_histogram is 'Time spent waiting for models; zero times are left out. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
comment on column public.reliability_daily.figma_latency_histogram is 'Time spent in calls to Figma; zero times are left out. Counts by fine bucket, see private.fine_bucket; the array begins with its lowest bucket. Rows of hours before there were fine ones: 84 coarse counts.';
comment on column public.reliability_hourly_teams.latency_histogram is 'As in reliability_daily.';
comment on column public.reliability_hourly_teams.model_latency_histogram is 'As in reliability_daily.';
comment on column public.reliability_hourly_teams.figma_latency_histogram is 'As in reliability_daily.';
comment on column public.pipeline_measures_hourly.bucket is 'Bucket of private.fine_bucket; 0 for figures of quality, of which only means are shown.';
