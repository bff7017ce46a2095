/** Webhooks: where reports are sent, and what became of each that was (standardwebhooks.com). */
import * as z from "zod";
import { Timestamp, WebhookId } from "./ids.ts";
import { Text } from "./text.ts";

export const CreateWebhookBody = z.strictObject({
  url: Text.min(1).max(2_048).describe("https, of a public host, on its usual port"),
});
export type CreateWebhookBody = z.infer<typeof CreateWebhookBody>;

export const Webhook = z.object({ id: WebhookId, url: z.string(), created_at: Timestamp });
export type Webhook = z.infer<typeof Webhook>;
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

export const WebhookDelivery = z.object({
  id: z.string().describe("Travels as `webhook-id`, the same in every try"),
  webhook_id: WebhookId,
  type: z.enum(["report.published", "webhook.test"]),
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
export const WebhookDeliveries = z.object({ data: z.array(WebhookDelivery) });
export type WebhookDeliveries = z.infer<typeof WebhookDeliveries>;
