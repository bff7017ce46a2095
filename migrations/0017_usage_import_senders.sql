-- What a file is called; and who sends an import just now, until when that is believed without another word
-- of it, in milliseconds since the Unix epoch: src/usage/import-ledger.ts.
ALTER TABLE usage_imports ADD COLUMN file_name TEXT;
--> statement-breakpoint
ALTER TABLE usage_imports ADD COLUMN sender TEXT;
--> statement-breakpoint
ALTER TABLE usage_imports ADD COLUMN sending_until INTEGER;
