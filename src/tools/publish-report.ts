/** The publishing tool: the newest report of a conversation leaves the house, once a person has approved it. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Tool, ToolContext } from "../core/tool.ts";
import type { TraceContext } from "../core/trace.ts";
import { ApexError } from "../protocol/errors.ts";
import { placeOfRun, type ThreadId, type UserId, type WorkspaceId } from "../protocol/ids.ts";
import type { Report } from "../protocol/report.ts";
import { toolScope } from "../protocol/scopes.ts";
import { DeliveryStatus, type Webhook, type WebhookDelivery } from "../protocol/webhooks.ts";
import { defineTool } from "./define-tool.ts";

/** A person has a day to approve. */
const APPROVAL_MS = 24 * 60 * 60_000;
/** What one webhook is sent at most, in UTF-16 code units. */
const MAX_PAYLOAD = 512 * 1024;

/** Where finished reports are found. */
export interface Reports {
  /** @returns the newest report of a thread of the user's, or null where it has none. */
  latest(userId: UserId, threadId: ThreadId): Promise<Report | null>;
}

/** Where they are sent. */
export interface Publisher {
  /** @returns the webhooks of a workspace, the oldest first. */
  webhooks(userId: UserId, workspaceId: WorkspaceId): Promise<readonly Webhook[]>;
  /**
   * Sends something, as often as it takes; the same id is taken once.
   * @returns how it stands after a moment; null where the webhook is not there any more.
   */
  deliver(
    userId: UserId,
    delivery: Pick<WebhookDelivery, "id" | "webhook_id" | "type" | "created_at"> & {
      readonly payload: string;
    },
    trace?: TraceContext | null,
  ): Promise<WebhookDelivery | null>;
}

export interface PublishingTools {
  readonly reports: Reports;
  readonly publisher: Publisher;
  readonly clock: Clock;
}

const Input = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .describe("Which of the workspace's webhooks, by its address; needed where it has several"),
});

const Output = z.object({
  delivery_id: z.string(),
  url: z.string(),
  title: z.string(),
  status: DeliveryStatus,
  attempts: z.number().int(),
  summary: z.string().describe("What was done, in Markdown"),
});

/** @returns the tool over reports and a way out. */
export function publishReport({ reports, publisher, clock }: PublishingTools): Tool {
  return defineTool({
    name: "publish_report",
    permission: toolScope("publish_report"),
    description:
      "Sends the newest report of this conversation to the workspace's webhook, signed. It leaves the house, so a person is asked first. Call it only where the person asks to publish or send the report.",
    input: Input,
    output: Output,
    readOnly: false,
    timeoutMs: 20_000,
    approval: { expiresMs: APPROVAL_MS },
    operation: ({ url }) =>
      `Sends the newest report of this conversation to ${url ?? "the workspace's webhook"}, because it was asked to be published.`,
    async run({ url }, context) {
      const { userId, workspaceId, runId } = context;
      const threadId = placeOfRun(runId)?.threadId;
      const [report, webhooks] = await Promise.all([
        threadId === undefined ? null : reports.latest(userId, threadId),
        publisher.webhooks(userId, workspaceId),
      ]);
      if (report === null) {
        throw new ApexError("tool_failed", "This conversation has no report to publish yet.");
      }
      const webhook = choose(webhooks, url);
      const created_at = timestamp(clock.now());
      const content = { thread_id: threadId, run_id: runId, report };
      const payload = JSON.stringify({ type: TYPE, timestamp: created_at, data: content });
      if (payload.length > MAX_PAYLOAD) {
        throw new ApexError("too_large", "The report is larger than a webhook is sent at once.");
      }
      const id = await deliveryId(context, webhook);
      const delivery = { id, webhook_id: webhook.id, type: TYPE, created_at, payload };
      const sent = await publisher.deliver(userId, delivery, context.trace);
      if (sent === null) throw new ApexError("tool_failed", "The webhook was deleted meanwhile.");
      const { status, attempts } = sent;
      const { title } = report;
      const output = { delivery_id: id, url: webhook.url, title, status, attempts };
      return { output: { ...output, summary: inWords(sent, webhook) }, findings: [] };
    },
  });
}

const TYPE = "report.published" as const;

/** @throws {ApexError} `invalid_fields` where none is meant, or it is not clear which. */
function choose(webhooks: readonly Webhook[], url: string | undefined): Webhook {
  const meant = webhooks.filter((webhook) => url === undefined || isSame(webhook.url, url));
  const [only, ...others] = meant;
  if (only !== undefined && (others.length === 0 || url !== undefined)) return only;
  const known = webhooks.map((webhook) => webhook.url).join(", ");
  const message =
    known === ""
      ? "The workspace has no webhook: one is made with POST /api/webhooks."
      : `It must name one of the workspace's webhooks: ${known}.`;
  throw new ApexError("invalid_fields", message, { errors: [{ field: "url", message }] });
}

function isSame(known: string, given: string): boolean {
  return known === given || known === URL.parse(given)?.href;
}

/** The same for the same call, so that whatever is repeated is sent once. */
async function deliveryId({ runId, callId }: ToolContext, { id }: Webhook): Promise<string> {
  const name = new TextEncoder().encode(JSON.stringify([runId, callId, id]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  const hex = Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0"));
  return `msg_${hex.join("")}`;
}

function inWords({ status, last_error }: WebhookDelivery, { url }: Webhook): string {
  switch (status) {
    case "delivered":
      return `The report was delivered to ${url}.`;
    case "pending":
      return `The report is on its way to ${url}, which has not taken it yet; it is tried again by itself.`;
    case "dead":
      return `The report could not be delivered to ${url}: ${last_error ?? "it was refused"}.`;
  }
}
