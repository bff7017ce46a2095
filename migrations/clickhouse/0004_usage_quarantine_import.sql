-- Where a row that was set aside came from: its import, and its line there.
ALTER TABLE usage_quarantine
  ADD COLUMN IF NOT EXISTS import_id LowCardinality(Nullable(String)),
  ADD COLUMN IF NOT EXISTS line Nullable(UInt32)
