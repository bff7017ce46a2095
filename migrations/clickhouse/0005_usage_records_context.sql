-- The context that the calls of a bucket are priced at, where its source does not say how many it sums up:
-- n_requests is 0 then. Null wherever their number tells it.
ALTER TABLE usage_records ADD COLUMN IF NOT EXISTS context_tokens Nullable(UInt64)
