-- Anthropic's usage report does not tell how many calls a bucket sums up. Rows from before context_tokens have an
-- invented number, the fewest that their context window allows: they are open now, as they come in since, and keep
-- the context that they were priced at.
ALTER TABLE usage_records UPDATE
  context_tokens = CAST(if(input_tokens <= 200000 * n_requests, 200000, 1000000) AS Nullable(UInt64)),
  n_requests = CAST(0 AS UInt64)
WHERE source = 'anthropic_usage' AND granularity = 'bucket' AND context_tokens IS NULL AND n_requests > 0
