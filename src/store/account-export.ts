/** What D1 keeps of one user's account and no list of the API shows whole: for the export of one's data. */
import { and, asc, eq, gt } from "drizzle-orm";
import * as z from "zod";
import { ApiKey, type ExportLine, Session } from "../protocol/account.ts";
import { OrganizationId, type UserId } from "../protocol/ids.ts";
import { McpServer, McpTool } from "../protocol/mcp-servers.ts";
import { Invitation } from "../protocol/organization.ts";
import { Webhook, WebhookDelivery } from "../protocol/webhooks.ts";
import { type Database, guardD1 } from "./database.ts";
import { McpServerRows } from "./mcp-servers.ts";
import {
  apiKeys,
  identities,
  invitations,
  sessions,
  users,
  webhookDeliveries,
  webhooks,
} from "./tables.ts";

/** The tables of usage, and what their rows are told apart by within a workspace. */
const USAGE_TABLES = [
  { table: "profiles", key: ["workspace_id"] },
  { table: "prices", key: ["price_id"] },
  { table: "imports", key: ["import_id"] },
  { table: "evaluations", key: ["evaluation_set", "from_model", "to_model", "item_id"] },
  { table: "quarantine", key: ["record_id"] },
  { table: "records", key: ["record_id"] },
] as const;
const UsageRows = z.array(z.record(z.string(), z.unknown()));
/** Rows of usage that are read at once. */
const USAGE_PAGE = 1_000;
/** Rows of all else that are read at once: what was sent to a webhook may be large. */
const PAGE = 100;

const SessionLine = Session.omit({ current: true });
const InvitationLine = Invitation.omit({ token: true });

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class AccountExport {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns every sign-in that is kept, ended ones too. */
  async *sessions(): AsyncGenerator<ExportLine[]> {
    const own = eq(sessions.user_id, this.#userId);
    const read = (after: string) =>
      this.#db
        .select()
        .from(sessions)
        .where(and(own, gt(sessions.id, after)))
        .orderBy(asc(sessions.id))
        .limit(PAGE);
    for await (const rows of pagesOf(read)) {
      yield rows.map((row) => {
        const last_used_at = row.last_used_at || row.created_at;
        return { kind: "session", session: SessionLine.parse({ ...row, last_used_at }) };
      });
    }
  }

  /** @returns every API key that is kept, revoked ones too; of its secret nothing. */
  async *apiKeys(): AsyncGenerator<ExportLine[]> {
    const own = eq(apiKeys.user_id, this.#userId);
    const read = (after: string) =>
      this.#db
        .select()
        .from(apiKeys)
        .where(and(own, gt(apiKeys.id, after)))
        .orderBy(asc(apiKeys.id))
        .limit(PAGE);
    for await (const rows of pagesOf(read)) {
      yield rows.map((row) => ({ kind: "api_key", api_key: ApiKey.parse(row) }));
    }
  }

  /** @returns all of the usage of a workspace of one person, page after page. */
  async *usage(): AsyncGenerator<ExportLine[]> {
    for (const { table, key } of USAGE_TABLES) {
      const list = key.join(", ");
      let after: readonly unknown[] = key.map(() => "");
      for (;;) {
        const place = key.map((_, index) => `?${index + 2}`).join(", ");
        const query = `SELECT * FROM usage_${table}
          WHERE workspace_id = ?1 AND (${list}) > (${place}) ORDER BY ${list} LIMIT ${USAGE_PAGE}`;
        const { results } = await guardD1(
          this.#db.$client
            .prepare(query)
            .bind(this.#userId, ...after)
            .all(),
        );
        const rows = UsageRows.parse(results);
        yield rows.map((row) => ({ kind: "usage", table, row }));
        const last = rows.at(-1);
        if (last === undefined || rows.length < USAGE_PAGE) break;
        after = key.map((column) => last[column]);
      }
    }
  }

  /** @returns every webhook, without its secret. */
  async webhooks(): Promise<ExportLine[]> {
    const own = eq(webhooks.user_id, this.#userId);
    const rows = await guardD1(this.#db.select().from(webhooks).where(own));
    return rows.map((row) => ({ kind: "webhook", webhook: Webhook.parse(row) }));
  }

  /** @returns what was sent to the webhooks of late. */
  async *deliveries(): AsyncGenerator<ExportLine[]> {
    const own = eq(webhookDeliveries.user_id, this.#userId);
    const read = (after: string) =>
      this.#db
        .select()
        .from(webhookDeliveries)
        .where(and(own, gt(webhookDeliveries.id, after)))
        .orderBy(asc(webhookDeliveries.id))
        .limit(PAGE);
    for await (const rows of pagesOf(read)) {
      yield rows.map((row) => {
        const { payload } = row;
        return { kind: "webhook_delivery", delivery: WebhookDelivery.parse(row), payload };
      });
    }
  }

  /** @returns every connected MCP server, without its secret, and what it said that it can do. */
  async mcpServers(): Promise<ExportLine[]> {
    const rows = new McpServerRows(this.#db, this.#userId);
    const [servers, tools] = await Promise.all([rows.list(), rows.tools()]);
    return servers.map((server) => ({
      kind: "mcp_server",
      mcp_server: McpServer.parse(server),
      tools: tools
        .filter((tool) => tool.server_id === server.id)
        .map((tool) => McpTool.parse(tool)),
    }));
  }

  async identities(): Promise<ExportLine[]> {
    const own = eq(identities.user_id, this.#userId);
    const rows = await guardD1(this.#db.select().from(identities).where(own));
    return rows.map(({ issuer, subject }) => ({ kind: "identity", issuer, subject }));
  }

  /** @returns the invitations of the user's email address, accepted by nobody yet; of their tokens nothing. */
  async invitations(): Promise<ExportLine[]> {
    const rows = await guardD1(
      this.#db
        .select({ invitation: invitations })
        .from(invitations)
        .innerJoin(users, eq(users.email, invitations.email))
        .where(eq(users.id, this.#userId)),
    );
    return rows.map(({ invitation }) => ({
      kind: "invitation",
      organization_id: OrganizationId.parse(invitation.organization_id),
      invitation: InvitationLine.parse(invitation),
    }));
  }
}

/** @param read gives the page of rows after an id, in the order of the ids. */
async function* pagesOf<Row extends { readonly id: string }>(
  read: (after: string) => PromiseLike<Row[]>,
): AsyncGenerator<Row[]> {
  let after = "";
  for (;;) {
    const rows = await guardD1(read(after));
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}
