-- Functions that nothing calls any more: quantiles are taken of buckets and their uses (private.bucket_quantile), and
-- whole histograms are summed where they are read; what an owner reads of a pause stands with all other sentences in
-- the service. No version whose processes may still run calls them.
drop function if exists private.histogram_quantile(bigint[], double precision);
drop function if exists private.add_histograms(bigint[], bigint[]);
drop function if exists private.dense_histogram(integer[], bigint[]);
drop function if exists private.operator_pause_sentence();
