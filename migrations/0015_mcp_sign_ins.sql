-- Sign-ins to connected MCP servers (OAuth). `sealed` is where one signs in, as which client, and the tokens;
-- `pending` is a sign-in that the browser has not come back from; both are sealed with a key made of the
-- signing keys. `version` counts what became of it, and a lease keeps two from renewing it at once.
CREATE TABLE `mcp_sign_ins` (
	`server_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`status` text NOT NULL,
	`resource_metadata` text,
	`scope` text,
	`issuer` text,
	`sealed` text,
	`pending` text,
	`version` integer DEFAULT 0 NOT NULL,
	`leased_until` text,
	FOREIGN KEY (`server_id`) REFERENCES `mcp_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `mcp_sign_ins_by_user` ON `mcp_sign_ins` (`user_id`);
