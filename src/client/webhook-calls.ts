/** The calls about webhooks: where events are sent, and what became of each. */
import type { WebhookId } from "../protocol/ids.ts";
import type {
  CreatedWebhook,
  CreateWebhookBody,
  Webhook,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookEvent,
  Webhooks,
} from "../protocol/webhooks.ts";
import { type Ask, below } from "./ask.ts";
import { count, list, nullable, object, oneOf, text } from "./checks.ts";
import { isNothing } from "./http.ts";

const EVENTS = { "report.published": 1, "run.finished": 1, "budget.alert": 1 };

const fields = {
  id: text<WebhookId>,
  url: text,
  events: list(oneOf<WebhookEvent>(EVENTS)),
  created_at: text,
};

const isWebhooks = object<Webhooks>({ data: list(object<Webhook>(fields)) });
const isCreatedWebhook = object<CreatedWebhook>({ ...fields, secret: text });

const isDelivery = object<WebhookDelivery>({
  id: text,
  webhook_id: text<WebhookId>,
  type: oneOf({ ...EVENTS, "webhook.test": 1 }),
  status: oneOf({ pending: 1, delivered: 1, dead: 1 }),
  attempts: count,
  last_status: nullable(count),
  last_error: nullable(text),
  created_at: text,
  updated_at: text,
});
const isDeliveries = object<WebhookDeliveries>({ data: list(isDelivery) });

export function webhookCalls(ask: Ask) {
  const path = "/api/webhooks";
  const deliveries = (id: WebhookId) => `${below(path, id)}/deliveries`;
  return {
    /** One's webhooks. */
    list: (): Promise<Webhooks> => ask(isWebhooks, { method: "GET", path }),
    /** Makes a webhook. The secret that signs what is sent is shown this once. */
    create: (body: CreateWebhookBody): Promise<CreatedWebhook> =>
      ask(isCreatedWebhook, { method: "POST", path, body }),
    /** Deletes a webhook. */
    delete: (id: WebhookId): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(path, id) }),
    /** What was sent of late, the newest first. */
    deliveries: (id: WebhookId): Promise<WebhookDeliveries> =>
      ask(isDeliveries, { method: "GET", path: deliveries(id) }),
    /** Sends a webhook a test at once. */
    test: (id: WebhookId): Promise<WebhookDelivery> =>
      ask(isDelivery, { method: "POST", path: `${below(path, id)}/test` }),
    /** Sends once more what was sent, under the same `webhook-id`. */
    replay: (id: WebhookId, deliveryId: string): Promise<WebhookDelivery> =>
      ask(isDelivery, { method: "POST", path: `${below(deliveries(id), deliveryId)}/replay` }),
  };
}
