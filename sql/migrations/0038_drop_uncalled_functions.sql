-- Functions that nothing calls any more: quantiles are taken of buckets and their uses (private.bucket_quantile), and
-- whole histograms are summed where they are read. No version whose processes may still run calls them.
drop function if exists private.histogram_quantile(bigint[], double precision);
drop function if exists private.add_histograms(bigint[], bigint[]);
drop function if exists private.dense_histogram(integer[], bigint[]);
