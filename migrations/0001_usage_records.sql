-- Usage records, one row a call of a model (or a bucket of calls): src/usage/record.ts has the meaning.
-- Clustered by time, since every analysis reads a window of one workspace from end to end.
CREATE TABLE usage_records (
  workspace_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  source TEXT NOT NULL,
  ts INTEGER NOT NULL,
  trace_id TEXT,
  conversation_id TEXT,
  logical_request_id TEXT,
  attempt INTEGER NOT NULL,
  provider TEXT NOT NULL,
  operation TEXT NOT NULL,
  request_model TEXT NOT NULL,
  response_model TEXT,
  service_tier TEXT,
  input_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  latency_ms REAL,
  ttft_ms REAL,
  status TEXT NOT NULL,
  error_type TEXT,
  user_hash TEXT,
  feature TEXT,
  team TEXT,
  environment TEXT,
  prompt_name TEXT,
  interactive INTEGER,
  granularity TEXT NOT NULL,
  n_requests INTEGER NOT NULL,
  cost_reported REAL,
  cost_computed REAL,
  price_version TEXT NOT NULL,
  PRIMARY KEY (workspace_id, ts, record_id)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- A record counts once, however often it is imported.
CREATE UNIQUE INDEX usage_records_by_id ON usage_records (workspace_id, record_id);
--> statement-breakpoint
-- Records that contradict themselves, kept as they came, with the reason they were not counted.
CREATE TABLE usage_quarantine (
  workspace_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (workspace_id, record_id)
) STRICT, WITHOUT ROWID;
