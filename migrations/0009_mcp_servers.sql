-- MCP servers that users have connected. `secret` is sealed with a key made of the signing keys; `problem`
-- is what was wrong when the server was last asked.
CREATE TABLE `mcp_servers` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`secret` text,
	`enabled` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`checked_at` text,
	`problem` text,
	`left_out` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mcp_servers_by_user` ON `mcp_servers` (`user_id`, `name`);
--> statement-breakpoint
-- What they can do, as they last said it. `approved` is the fingerprint that the user approved: it counts
-- for as long as it is the one of what the server says now.
CREATE TABLE `mcp_tools` (
	`server_id` text NOT NULL,
	`tool` text NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`parameters` text NOT NULL,
	`fingerprint` text NOT NULL,
	`approved` text,
	PRIMARY KEY(`server_id`, `tool`),
	FOREIGN KEY (`server_id`) REFERENCES `mcp_servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `mcp_tools_by_user` ON `mcp_tools` (`user_id`);
