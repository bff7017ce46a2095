-- Threads shown to others by a link, known by the SHA-256 of its token alone. What is shown ends at
-- `until_seq`, under the title that the thread had then. WITHOUT ROWID: it is looked up by its keys only.
CREATE TABLE `thread_shares` (
	`thread_id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`title` text,
	`until_seq` integer NOT NULL,
	`created_at` text NOT NULL,
	`renewed_at` text NOT NULL,
	FOREIGN KEY (`thread_id`) REFERENCES `threads`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `thread_shares_token_hash_unique` ON `thread_shares` (`token_hash`);
