-- The ids of the product's own calls say whose they are (src/usage/own-calls.ts), so that the index of ids finds
-- them: one of their own would be paid for with every call. The code before still works without it.
UPDATE usage_records SET record_id = 'apex-edge:' || record_id
WHERE feature = 'apex-edge' AND source IN ('apex-edge', 'apex-edge, estimated') AND import_id IS NULL;
--> statement-breakpoint
DROP INDEX usage_records_of_own;
