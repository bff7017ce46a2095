-- The store that has an import's records: this ledger keeps the account of those in ClickHouse too.
ALTER TABLE usage_imports ADD COLUMN store TEXT NOT NULL DEFAULT 'd1';
--> statement-breakpoint
-- The chain at the end of the batch that is on its way there, null where none is: src/usage/import-ledger.ts.
ALTER TABLE usage_imports ADD COLUMN next_chain INTEGER;
--> statement-breakpoint
-- The product's own calls that wait for a ClickHouse server that was away: src/usage/own-usage-writer.ts.
CREATE INDEX usage_records_of_own ON usage_records (workspace_id) WHERE feature = 'apex-edge';
