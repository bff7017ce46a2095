/** The tables of D1: what people browse. What is live belongs to the Thread object. */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Teams. Who has none counts against the own tier alone. */
export const organizations = sqliteTable("organizations", {
  id: text().primaryKey(),
  name: text().notNull(),
  tier: text().notNull(),
  created_at: text().notNull(),
});

/**
 * Accounts. `password_hash` is null where the account was made without a password, `organization_id`
 * where the user has no team.
 */
export const users = sqliteTable(
  "users",
  {
    id: text().primaryKey(),
    email: text().notNull().unique(),
    name: text().notNull(),
    tier: text().notNull(),
    permissions: text({ mode: "json" }).notNull(),
    organization_id: text().references(() => organizations.id, { onDelete: "set null" }),
    role: text().notNull().default("member"),
    password_hash: text(),
    preferences: text({ mode: "json" }).notNull().default(sql`'{}'`),
    created_at: text().notNull(),
  },
  (table) => [index("users_by_organization").on(table.organization_id)],
);

/** Who an identity provider says somebody is: the first sign-in makes the account. */
export const identities = sqliteTable(
  "identities",
  {
    issuer: text().notNull(),
    subject: text().notNull(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    created_at: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index("identities_by_user").on(table.user_id),
  ],
);

/** Sign-ins. A session ends by log-out, by reuse of a spent refresh token, or by age. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    method: text().notNull().default("password"),
    address: text(),
    user_agent: text(),
    created_at: text().notNull(),
    last_used_at: text().notNull().default(""),
    expires_at: text().notNull(),
    ended_at: text(),
  },
  (table) => [index("sessions_by_user").on(table.user_id)],
);

/** Refresh tokens by their SHA-256; a spent one is kept, so that its reuse can be seen. */
export const refreshTokens = sqliteTable(
  "refresh_tokens",
  {
    token_hash: text().primaryKey(),
    session_id: text()
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    issued_at: text().notNull(),
    spent_at: text(),
    /** SHA-256 of the token that took its place. */
    replaced_by: text(),
  },
  (table) => [index("refresh_tokens_by_session").on(table.session_id)],
);

/** API keys, known by the SHA-256 of their secret alone. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text().notNull(),
    start: text().notNull(),
    secret_hash: text().notNull(),
    scopes: text({ mode: "json" }).notNull(),
    created_at: text().notNull(),
    expires_at: text().notNull(),
    last_used_at: text(),
    revoked_at: text(),
  },
  (table) => [index("api_keys_by_user").on(table.user_id)],
);

/** Invitations to a team, known by the SHA-256 of their token alone; gone when accepted. */
export const invitations = sqliteTable(
  "invitations",
  {
    token_hash: text().primaryKey(),
    organization_id: text()
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    email: text().notNull(),
    role: text().notNull(),
    created_at: text().notNull(),
    expires_at: text().notNull(),
  },
  (table) => [index("invitations_by_organization").on(table.organization_id)],
);

/**
 * The audit log: who did what, from where. It goes with its account. WITHOUT ROWID: an account's
 * events lie side by side, in the order of their ids.
 */
export const auditEvents = sqliteTable(
  "audit_events",
  {
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    id: text().notNull(),
    action: text().notNull(),
    at: text().notNull(),
    by: text(),
    address: text(),
    user_agent: text(),
    subject: text(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.id] })],
);

/** Where a workspace has its reports sent. The secret signs what is sent, so it is kept as it is. */
export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    workspace_id: text().notNull(),
    url: text().notNull(),
    secret: text().notNull(),
    created_at: text().notNull(),
    events: text({ mode: "json" }).notNull().default(["report.published"]),
  },
  (table) => [
    index("webhooks_by_user").on(table.user_id),
    index("webhooks_by_workspace").on(table.workspace_id),
  ],
);

/** What is sent to webhooks: the outbox, and the record. `next_at` is null once nothing more is tried. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    id: text().primaryKey(),
    webhook_id: text()
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text().notNull(),
    payload: text().notNull(),
    status: text().notNull(),
    attempts: integer().notNull(),
    next_at: integer(),
    last_status: integer(),
    last_error: text(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (table) => [
    index("webhook_deliveries_by_webhook").on(table.webhook_id, table.created_at),
    index("webhook_deliveries_by_user").on(table.user_id, table.next_at),
  ],
);

/** Wrong passwords of late, by the SHA-256 of the email address, whether it has an account or not. */
export const signInFailures = sqliteTable(
  "sign_in_failures",
  {
    email_hash: text().primaryKey(),
    failures: integer().notNull(),
    last_at: text().notNull(),
  },
  (table) => [index("sign_in_failures_by_time").on(table.last_at)],
);

/** What may be used once, and was: the states of sign-ins at a provider, and its simulation's codes. */
export const spentTokens = sqliteTable(
  "spent_tokens",
  { id: text().primaryKey(), expires_at: text().notNull() },
  (table) => [index("spent_tokens_by_expiry").on(table.expires_at)],
);

/**
 * Answers to requests that may be repeated. `status` is null while the first is under way, `body` where
 * the answer is not kept. WITHOUT ROWID.
 */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    route: text().notNull(),
    key: text().notNull(),
    fingerprint: text().notNull(),
    status: integer(),
    location: text(),
    body: text(),
    expires_at: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.user_id, table.route, table.key] }),
    index("idempotency_keys_by_expiry").on(table.expires_at),
  ],
);

/** How HISTORY_SHARDS spread the history, era by era: JSON of the bindings, and whether anybody was served by it yet (1). */
export const historyEras = sqliteTable("history_eras", {
  begins_at: text().primaryKey(),
  databases: text().notNull(),
  in_use: integer().notNull(),
});

/** The binding that a database was first used by: its only row. */
export const databaseMark = sqliteTable("database_mark", {
  only_row: integer().primaryKey(),
  binding: text().notNull(),
});
