-- Records that contradict themselves, kept as they came, with the reason they were not counted.
CREATE TABLE IF NOT EXISTS usage_quarantine (
  workspace_id LowCardinality(String),
  record_id String,
  reason String,
  record String
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, record_id)
