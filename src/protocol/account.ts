/** The bodies about one's account: sign-ins, password, API keys, limits, audit log, export and end. */
import * as z from "zod";
import { NewPassword } from "./api.ts";
import { Budget, LedgerEntry } from "./budget.ts";
import { Message, Run, Thread, User } from "./entities.ts";
import { ApiKeyId, OrganizationId, RunId, SessionId, ThreadId, Timestamp } from "./ids.ts";
import { McpServer, McpTool } from "./mcp-servers.ts";
import { Invitation } from "./organization.ts";
import { page } from "./paging.ts";
import { Preferences } from "./preferences.ts";
import { Report } from "./report.ts";
import { KeyScope } from "./scopes.ts";
import { ThreadShare } from "./sharing.ts";
import { Text } from "./text.ts";
import { LimitState, Tier } from "./tiers.ts";
import { Webhook, WebhookDelivery } from "./webhooks.ts";

/** A sign-in that has neither ended nor expired. */
export const Session = z.object({
  id: SessionId,
  method: z.string().describe("password, development, or the provider that vouched"),
  address: z.string().nullable().describe("The network address of the sign-in"),
  user_agent: z.string().nullable(),
  current: z.boolean().describe("Whether it is the one that asks"),
  created_at: Timestamp,
  last_used_at: Timestamp.describe("When its tokens were last renewed"),
  expires_at: Timestamp,
});
export type Session = z.infer<typeof Session>;
/** Where one is signed in. */
export const Sessions = z.object({ data: z.array(Session) });
export type Sessions = z.infer<typeof Sessions>;

/** A new password, with the one that it replaces. */
export const ChangePasswordBody = z.strictObject({
  current_password: z.string().min(1, "must not be empty").max(256),
  new_password: NewPassword,
});
export type ChangePasswordBody = z.infer<typeof ChangePasswordBody>;

/** An API key to be made: its name, what it may do, and for how long. */
export const CreateApiKeyBody = z.strictObject({
  name: Text.trim().min(1).max(128),
  scopes: z.array(KeyScope).min(1).max(64),
  expires_in_days: z.number().int().min(1).max(366).default(90),
});
export type CreateApiKeyBody = z.infer<typeof CreateApiKeyBody>;

/** An API key as it is listed: never the key itself. */
export const ApiKey = z.object({
  id: ApiKeyId,
  name: z.string(),
  start: z.string().describe("The key's first characters, to tell it by"),
  scopes: z.array(z.string()),
  created_at: Timestamp,
  expires_at: Timestamp,
  last_used_at: Timestamp.nullable().describe("To the minute"),
  revoked_at: Timestamp.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;
/** One's API keys, revoked ones too. */
export const ApiKeys = z.object({ data: z.array(ApiKey) });
export type ApiKeys = z.infer<typeof ApiKeys>;

/** The answer that shows a key: once, for only its hash is kept. */
export const CreatedApiKey = ApiKey.extend({ key: z.string().describe("Shown this once") });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

/** What the tier allows, and how much of it is used. */
export const AccountLimits = z.object({ tier: Tier, limits: z.array(LimitState) });
export type AccountLimits = z.infer<typeof AccountLimits>;

/** What an account remembers of what was done to it. */
export const AuditAction = z.enum([
  "account_created",
  "account_deleted",
  "signed_in",
  "sign_in_failed",
  "signed_out",
  "refresh_token_reused",
  "session_ended",
  "password_changed",
  "profile_changed",
  "preferences_changed",
  "api_key_created",
  "api_key_revoked",
  "data_exported",
  "webhook_created",
  "webhook_deleted",
  "mcp_server_connected",
  "mcp_server_changed",
  "mcp_server_removed",
  "mcp_server_signed_in",
  "mcp_server_signed_out",
  "thread_deleted",
  "thread_exported",
  "thread_shared",
  "thread_unshared",
  "usage_import_taken_back",
  "usage_price_added",
  "usage_price_deleted",
  "usage_profile_changed",
  "budget_changed",
  "organization_created",
  "organization_deleted",
  "member_invited",
  "member_joined",
  "member_left",
  "member_removed",
  "member_role_changed",
  "operator_read_audit",
  "operator_read_dead_letters",
  "operator_replayed_dead_letters",
  "operator_restored_history",
]);
export type AuditAction = z.infer<typeof AuditAction>;

/** An entry of the audit log: what happened to an account, who did it, and from where. */
export const AuditEvent = z.object({
  id: z.string(),
  action: AuditAction,
  at: Timestamp,
  by: z
    .string()
    .nullable()
    .describe("The session, API key or issuer that did it; or which other user"),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  subject: z
    .string()
    .nullable()
    .describe(
      "What it was done to: the id of a session, a key, …; of what was changed, the names of the fields",
    ),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
/** A page of the audit log, newest first. */
export const AuditPage = page(AuditEvent);
export type AuditPage = z.infer<typeof AuditPage>;

/** One line of an export (NDJSON): everything that is kept of a user, each thing by its kind. */
export const ExportLine = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("export"), user: User, exported_at: Timestamp }),
  z.object({ kind: z.literal("preferences"), preferences: Preferences }),
  z.object({ kind: z.literal("session"), session: Session.omit({ current: true }) }),
  z.object({ kind: z.literal("api_key"), api_key: ApiKey }),
  z.object({ kind: z.literal("identity"), issuer: z.string(), subject: z.string() }),
  z
    .object({
      kind: z.literal("invitation"),
      organization_id: OrganizationId,
      invitation: Invitation.omit({ token: true }),
    })
    .describe("To a team, of one's own email address"),
  z.object({ kind: z.literal("webhook"), webhook: Webhook }),
  z.object({
    kind: z.literal("webhook_delivery"),
    delivery: WebhookDelivery,
    payload: z.string().describe("What was sent, as it was signed"),
  }),
  z.object({ kind: z.literal("mcp_server"), mcp_server: McpServer, tools: z.array(McpTool) }),
  z.object({ kind: z.literal("audit_event"), audit_event: AuditEvent }),
  z.object({ kind: z.literal("limits"), limits: AccountLimits }),
  z.object({ kind: z.literal("budget"), budget: Budget }).describe("Of the month"),
  z
    .object({ kind: z.literal("ledger_entry"), ledger_entry: LedgerEntry })
    .describe("What a run used, also where its thread was deleted; of 400 days"),
  z.object({ kind: z.literal("thread"), thread: Thread }),
  z.object({
    kind: z.literal("thread_share"),
    thread_id: ThreadId,
    thread_share: ThreadShare,
  }),
  z.object({ kind: z.literal("message"), message: Message }),
  z
    .object({
      kind: z.literal("usage"),
      table: z.enum(["records", "quarantine", "imports", "profiles", "evaluations", "prices"]),
      row: z.record(z.string(), z.unknown()),
    })
    .describe("Of one's own workspace; a team's stays with the team"),
  z.object({ kind: z.literal("run"), run: Run }),
  z.object({ kind: z.literal("report"), run_id: RunId, report: Report }),
  z
    .object({ kind: z.literal("end"), lines: z.number().int() })
    .describe("Last; an export without it was cut off"),
]);
export type ExportLine = z.infer<typeof ExportLine>;

/** The email address again, so that no slip of a hand deletes an account. */
export const DeleteAccountBody = z.strictObject({ email: z.string().min(1).max(254) });
export type DeleteAccountBody = z.infer<typeof DeleteAccountBody>;

/** What is left of an account that is being deleted: nothing, in the end. */
export const DeletionReceipt = z.object({
  deleted_at: Timestamp,
  complete: z.boolean().describe("false: the rest goes by itself, soon"),
  deleted: z.record(z.string(), z.number().int()).describe("How much was deleted, by its kind"),
  left: z.record(z.string(), z.number().int()).describe("What is there yet, counted anew"),
});
export type DeletionReceipt = z.infer<typeof DeletionReceipt>;

/** A way to sign in beside a password. */
export const IdentityProvider = z.object({
  name: z.string(),
  title: z.string().describe("As a button names it"),
  start_url: z.string().describe("Where the browser is sent"),
});
export type IdentityProvider = z.infer<typeof IdentityProvider>;
/** The providers that one can sign in with here. */
export const IdentityProviders = z.object({ data: z.array(IdentityProvider) });
export type IdentityProviders = z.infer<typeof IdentityProviders>;
