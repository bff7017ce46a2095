-- Answers to requests that may be repeated, for a day, by user, route and key. `status` is null while the
-- first request is under way; `body` is null where the answer is not kept.
CREATE TABLE `idempotency_keys` (
	`user_id` text NOT NULL,
	`route` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`status` integer,
	`location` text,
	`body` text,
	`expires_at` text NOT NULL,
	PRIMARY KEY(`user_id`, `route`, `key`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_expiry` ON `idempotency_keys` (`expires_at`);
--> statement-breakpoint
-- How a user likes things, for clients: nothing on the server goes by it.
ALTER TABLE `users` ADD COLUMN `preferences` text NOT NULL DEFAULT '{}';
