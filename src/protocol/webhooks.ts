/** Webhooks: where reports are sent, and the state of each delivery (standardwebhooks.com). */
import * as z from "zod";
import { Timestamp, WebhookId } from "./ids.ts";
import { Text } from "./text.ts";

/** The events: a report was published, a run has ended, or a share of the budget was reached. */
export const WebhookEvent = z.enum(["report.published", "run.finished", "budget.alert"]);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** A webhook to be made. */
export const CreateWebhookBody = z.strictObject({
  url: Text.min(1).max(2_048).describe("https, of a public host, on its usual port"),
  events: z
    .array(WebhookEvent)
    .min(1)
    .max(WebhookEvent.options.length)
    .refine((events) => new Set(events).size === events.length, "must name each once")
    .default(["report.published"])
    .describe(
      "report.published: of the workspace; run.finished and budget.alert: one's own, ids and figures alone",
    ),
});
export type CreateWebhookBody = z.infer<typeof CreateWebhookBody>;

/** Where events are sent to. */
export const Webhook = z.object({
  id: WebhookId,
  url: z.string(),
  events: z.array(WebhookEvent),
  created_at: Timestamp,
});
export type Webhook = z.infer<typeof Webhook>;
/** One's webhooks. */
export const Webhooks = z.object({ data: z.array(Webhook) });
export type Webhooks = z.infer<typeof Webhooks>;

/** The answer that shows the secret that signs what is sent: once. */
export const CreatedWebhook = Webhook.extend({
  secret: z.string().describe("`whsec_…`, to verify signatures with. Shown this once"),
});
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

/** `dead`: it was refused too often, or for good, and is not tried any more. */
export const DeliveryStatus = z.enum(["pending", "delivered", "dead"]);
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** An event on its way to a webhook, or how that ended. */
export const WebhookDelivery = z.object({
  id: z.string().describe("Travels as `webhook-id`, the same in every try"),
  webhook_id: WebhookId,
  type: z.enum([...WebhookEvent.options, "webhook.test"]),
  status: DeliveryStatus,
  attempts: z.number().int().min(0),
  last_status: z
    .number()
    .int()
    .nullable()
    .describe("HTTP status of the last try, where it had one"),
  last_error: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
/** What was sent to a webhook of late. */
export const WebhookDeliveries = z.object({ data: z.array(WebhookDelivery) });
export type WebhookDeliveries = z.infer<typeof WebhookDeliveries>;

/** A share of the month's budget that was reached, as `budget.alert` tells it. */
export const BudgetAlert = z.object({
  period: z.string().describe("The month, as 2026-11"),
  percent: z.number().describe("80 or 100"),
  monthly_usd: z.number(),
  spent_usd: z.number(),
});
export type BudgetAlert = z.infer<typeof BudgetAlert>;
