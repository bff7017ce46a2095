/** The world that hostile input meets: two users who each own one of everything, and what is kept of them. */
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { z } from "zod";
import { newId, systemClock, timestamp } from "../../src/core/clock.ts";
import { readConfig } from "../../src/env.ts";
import { AcceptedMessage, Credentials, Ticket } from "../../src/protocol/api.ts";
import { FinalStatus } from "../../src/protocol/entities.ts";
import { ask, ORIGIN } from "../worker/http/ask.ts";
import { eventually } from "../worker/thread/client.ts";
import { beginThread, type Conversation, clientOf } from "../worker/thread/conversation.ts";
import { EMPTY, type Party, type Reply, replyOf, type World } from "./row.ts";

/** A user with one of everything that a user can own. */
export interface Resident extends Party {
  readonly thread: Conversation;
  readonly sessionId: string;
  readonly apiKeyId: string;
  readonly organizationId: string;
  readonly webhookId: string;
  readonly deliveryId: string;
  readonly mcpServerId: string;
  /** The hash of an invitation's token, as the row has it. */
  readonly invitation: string;
  /** Of the usage of the resident's team. */
  readonly importId: string;
  readonly priceId: string;
}

/** The world inside the platform: requests go straight to the app, and what it keeps lies open. */
export interface InsideWorld extends World {
  readonly attacker: Resident;
  readonly victim: Resident;
}

export async function makeWorld(): Promise<InsideWorld> {
  return {
    attacker: await makeResident(),
    victim: await makeResident(),
    jwtSecret: readConfig(env).jwtSecret ?? "",
    async ask(path, asked) {
      const response = await ask(`${ORIGIN}${path}`, asked);
      return response.status === 101 ? await opened(response) : await replyOf(response);
    },
  };
}

/** Closes a socket once it is there. */
async function opened(response: Response): Promise<Reply> {
  const client = clientOf(response);
  await client.frame("connection_ready");
  client.close();
  return { ...EMPTY, status: response.status };
}

const Claims = z.looseObject({ sid: z.string() });

/** @returns the claims of a token, unverified. */
export function claimsOf(token: string): z.infer<typeof Claims> {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return Claims.parse(JSON.parse(payload));
}

/** Signs in anew as somebody; of the largest tier, so that nothing is refused for its number. */
export async function signIn(email: string): Promise<Credentials> {
  const body = { email, tier: "enterprise" };
  return Credentials.parse(await (await ask("/api/auth/dev-login", { body })).json());
}

/** @returns a ticket for a thread's owner. */
export async function ticketOf(thread: Conversation): Promise<string> {
  const response = await thread.ask("/ticket", { method: "POST" });
  return Ticket.parse(await response.json()).ticket;
}

/** Signs up somebody who owns one of everything. */
export async function makeResident(): Promise<Resident> {
  const secret = `secret-${newId()}`;
  const email = `${secret}@example.com`;
  const { user } = await signIn(email);
  const own = await settleIn(user.id, secret);
  // Signed in again, because a token says what its user was when it was issued.
  const credentials = await signIn(email);
  const thread = await beginThread(credentials);
  await thread.ask("", { method: "PATCH", body: { title: secret, metadata: { label: secret } } });
  const said = await thread.ask("/messages", { body: { content: `Hello, ${secret}` } });
  const { message_id, run_id } = AcceptedMessage.parse(await said.json());
  await eventually(async () => {
    expect(FinalStatus.options).toContain((await thread.run(run_id)).status);
  });
  await thread.settled();
  await thread.ask("/share", { method: "POST" });
  const sessionId = claimsOf(credentials.access_token).sid;
  return { credentials, thread, runId: run_id, messageId: message_id, sessionId, secret, ...own };
}

/** Gives a user what no route of today makes: the admin's place in a team, a key, an invitation. */
async function settleIn(userId: string, secret: string) {
  const [apiKeyId, organizationId, invitation] = [newId(), newId(), newId()];
  const [importId, priceId] = [newId(), newId()];
  const [webhookId, deliveryId, mcpServerId] = [newId(), newId(), newId()];
  const now = timestamp(systemClock.now());
  const later = timestamp(systemClock.now() + 86_400_000);
  const run = (sql: string, ...values: unknown[]) => env.DB.prepare(sql).bind(...values);
  await env.DB.batch([
    run(
      "INSERT INTO organizations (id, name, tier, created_at) VALUES (?, ?, 'enterprise', ?)",
      ...[organizationId, secret, now],
    ),
    run(
      "UPDATE users SET organization_id = ?, role = 'admin' WHERE id = ?",
      ...[organizationId, userId],
    ),
    run(
      `INSERT INTO api_keys (id, user_id, name, start, secret_hash, scopes, created_at, expires_at)
       VALUES (?, ?, ?, 'apx_key_', ?, '["threads:read"]', ?, ?)`,
      ...[apiKeyId, userId, secret, newId(), now, later],
    ),
    run(
      `INSERT INTO invitations (token_hash, organization_id, email, role, created_at, expires_at)
       VALUES (?, ?, 'invited@example.com', 'member', ?, ?)`,
      ...[invitation, organizationId, now, later],
    ),
    run(
      `INSERT INTO usage_imports (workspace_id, import_id, format, status, created_at, updated_at)
       VALUES (?, ?, 'apex', 'complete', ?, ?)`,
      ...[organizationId, importId, now, now],
    ),
    run(
      `INSERT INTO usage_prices (workspace_id, price_id, provider, model_pattern, service_tier, rates,
         valid_from, source, checked_at)
       VALUES (?, ?, 'openai', '*', 'standard', '{"input":1,"cache_read":1,"cache_write":1,"output":1}', 0, ?, ?)`,
      ...[organizationId, priceId, secret, now],
    ),
    run(
      `INSERT INTO webhooks (id, user_id, workspace_id, url, secret, created_at)
       VALUES (?, ?, ?, ?, 'whsec_c2VjcmV0', ?)`,
      ...[webhookId, userId, organizationId, `https://example.com/${secret}`, now],
    ),
    run(
      `INSERT INTO webhook_deliveries (id, webhook_id, user_id, type, payload, status, attempts, created_at, updated_at)
       VALUES (?, ?, ?, 'webhook.test', ?, 'delivered', 1, ?, ?)`,
      ...[deliveryId, webhookId, userId, JSON.stringify({ secret }), now, now],
    ),
    run(
      `INSERT INTO mcp_servers (id, user_id, name, url, secret, enabled, created_at, updated_at)
       VALUES (?, ?, 'files', ?, ?, 1, ?, ?)`,
      ...[mcpServerId, userId, `https://mcp.example.com/${secret}`, secret, now, now],
    ),
    run(
      `INSERT INTO mcp_tools (server_id, tool, user_id, name, description, parameters, fingerprint)
       VALUES (?, 'echo', ?, 'mcp_files_echo', ?, '{"type":"object"}', 'f')`,
      ...[mcpServerId, userId, secret],
    ),
    run(
      `INSERT INTO mcp_sign_ins (server_id, user_id, status, issuer, sealed, version)
       VALUES (?, ?, 'needed_again', ?, ?, 1)`,
      ...[mcpServerId, userId, `https://auth.example.com/${secret}`, secret],
    ),
    run(
      "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ('https://issuer.test', ?, ?, ?)",
      ...[secret, userId, now],
    ),
  ]);
  return {
    ...{ apiKeyId, organizationId, invitation, importId, priceId },
    ...{ webhookId, deliveryId, mcpServerId },
  };
}

/** Every row of a table by its text, and every object of a namespace by its id. */
export type Kept = ReadonlyMap<string, readonly string[]>;

/** What a refused request may leave behind: traces of itself, and when something was last used. */
const TRACES = new Set(["audit_events", "sign_in_failures"]);
const TOUCHED = /last_used/;

const Names = z.array(z.object({ name: z.string() }));

/** @returns all that is kept anywhere, but for the traces that a refused request may leave. */
export async function allKept(): Promise<Kept> {
  const listed = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'",
  ).all();
  const names = Names.parse(listed.results).map(({ name }) => name);
  const tables = names.filter((name) => !TRACES.has(name));
  const contents = await env.DB.batch<Record<string, unknown>>(
    tables.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`)),
  );
  const kept = new Map<string, readonly string[]>();
  for (const [index, { results }] of contents.entries()) {
    kept.set(tables[index] ?? "", results.map(rowText).toSorted());
  }
  kept.set("Thread objects", await objectIds(env.THREADS));
  kept.set("Account objects", await objectIds(env.ACCOUNTS));
  return kept;
}

/** @returns the names of what differs. */
export function changedIn(before: Kept, after: Kept): string[] {
  return [...after.keys()].filter(
    (name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)),
  );
}

function rowText(row: Record<string, unknown>): string {
  return JSON.stringify(Object.entries(row).filter(([column]) => !TOUCHED.test(column)));
}

async function objectIds(namespace: DurableObjectNamespace): Promise<string[]> {
  return (await listDurableObjectIds(namespace)).map(String).toSorted();
}
