-- Anthropic's usage report does not tell how many calls a bucket sums up. Rows from before `context_tokens` have an
-- invented number, the fewest that their context window allows: they are open now, as they come in since, and keep
-- the context that they were priced at.
UPDATE usage_records
SET context_tokens = CASE WHEN input_tokens <= 200000 * n_requests THEN 200000 ELSE 1000000 END, n_requests = 0
WHERE source = 'anthropic_usage' AND granularity = 'bucket' AND context_tokens IS NULL AND n_requests > 0;
