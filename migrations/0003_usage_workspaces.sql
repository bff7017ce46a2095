-- What the analyses of prompts, retries and deadlines read of a record; src/usage/record.ts has the meaning.
ALTER TABLE usage_records ADD COLUMN request_reasoning_level TEXT;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN request_max_tokens INTEGER;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN request_temperature REAL;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN request_stream INTEGER;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN finish_reasons TEXT NOT NULL DEFAULT '[]';
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN prompt_version TEXT;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN deadline_h REAL;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN prompt_hmac TEXT;
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN block_hmacs TEXT NOT NULL DEFAULT '[]';
--> statement-breakpoint
ALTER TABLE usage_records ADD COLUMN quality_score REAL;
--> statement-breakpoint
-- What a workspace says of itself, which no record can: src/usage/workspace.ts has the meaning.
CREATE TABLE usage_profiles (
  workspace_id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- The same item answered by two models, and whether each answer passed.
CREATE TABLE usage_evaluations (
  workspace_id TEXT NOT NULL,
  evaluation_set TEXT NOT NULL,
  from_model TEXT NOT NULL,
  to_model TEXT NOT NULL,
  item_id TEXT NOT NULL,
  ts INTEGER NOT NULL,
  feature TEXT,
  from_passed INTEGER NOT NULL,
  to_passed INTEGER NOT NULL,
  from_latency_ms REAL,
  to_latency_ms REAL,
  PRIMARY KEY (workspace_id, evaluation_set, from_model, to_model, item_id)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- Prices a workspace has by contract: they go before the catalogue's.
CREATE TABLE usage_prices (
  workspace_id TEXT NOT NULL,
  price_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model_pattern TEXT NOT NULL,
  service_tier TEXT NOT NULL,
  rates TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  source TEXT NOT NULL,
  checked_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, price_id)
) STRICT, WITHOUT ROWID;
