/** The tables of connected MCP servers, and of what they can do. */
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { users } from "./tables.ts";

/** Connected servers. The secret is sealed; `problem` is what was wrong when the server was last asked. */
export const mcpServers = sqliteTable(
  "mcp_servers",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text().notNull(),
    url: text().notNull(),
    secret: text(),
    enabled: integer({ mode: "boolean" }).notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    checked_at: text(),
    problem: text(),
    left_out: integer().notNull().default(0),
  },
  (table) => [uniqueIndex("mcp_servers_by_user").on(table.user_id, table.name)],
);

/** Their tools. `approved` is the fingerprint that the user approved, of what the server said then. */
export const mcpTools = sqliteTable(
  "mcp_tools",
  {
    server_id: text()
      .notNull()
      .references(() => mcpServers.id, { onDelete: "cascade" }),
    tool: text().notNull(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text().notNull(),
    description: text().notNull(),
    parameters: text({ mode: "json" }).notNull(),
    fingerprint: text().notNull(),
    approved: text(),
  },
  (table) => [
    primaryKey({ columns: [table.server_id, table.tool] }),
    index("mcp_tools_by_user").on(table.user_id),
  ],
);

/**
 * Sign-ins to them. `sealed` holds the tokens, `pending` a sign-in that the browser has not come back from;
 * who renews has the lease meanwhile, and a change counts where the version is the one that was read.
 */
export const mcpSignIns = sqliteTable(
  "mcp_sign_ins",
  {
    server_id: text()
      .primaryKey()
      .references(() => mcpServers.id, { onDelete: "cascade" }),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    status: text({ enum: ["needed", "signed_in", "needed_again"] }).notNull(),
    resource_metadata: text(),
    scope: text(),
    issuer: text(),
    sealed: text(),
    pending: text(),
    version: integer().notNull().default(0),
    leased_until: text(),
  },
  (table) => [index("mcp_sign_ins_by_user").on(table.user_id)],
);
