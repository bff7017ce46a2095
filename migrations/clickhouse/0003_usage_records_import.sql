-- The import that brought a record, so that it can be taken back; null for records sent by themselves.
ALTER TABLE usage_records ADD COLUMN IF NOT EXISTS import_id LowCardinality(Nullable(String))
