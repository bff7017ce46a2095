/** One try to deliver to a webhook: signed, within bounds, and nowhere but where it was told to. */
import { Webhook } from "standardwebhooks";
import { withDeadline } from "../core/deadline.ts";
import type { TraceContext } from "../core/trace.ts";
import { traceHeaders } from "../core/trace-context.ts";
import { ApexError } from "../protocol/errors.ts";
import { readWebhookUrl } from "./webhook-url.ts";

/** How long a receiver may take for its status, in milliseconds. */
const DEADLINE_MS = 10_000;
/** Random bytes of a secret; the standard asks for 24 to 64. */
const SECRET_BYTES = 32;
/** The receiver wants nothing of it any more, ever (RFC 9110, 15.5.11). */
const GONE = 410;

export interface Sending {
  /** The same in each try, so that a receiver can tell what it has already. */
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  /** JSON, sent as it stands. */
  readonly payload: string;
  /** Where its cause stands in a trace: its id is all that the receiver is told of that. */
  readonly trace?: TraceContext | null;
}

export interface SendPorts {
  readonly fetch: (request: Request) => Promise<Response>;
  /** @returns milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Whether this machine itself may be sent to. */
  readonly isDevelopment: boolean;
  readonly deadlineMs?: number;
}

/** What came of a try. `final`: trying again will not help. */
export type Sent =
  | { readonly delivered: true; readonly status: number }
  | {
      readonly delivered: false;
      readonly status: number | null;
      readonly reason: string;
      readonly final: boolean;
    };

/** @returns a secret as Standard Webhooks has it: `whsec_` and base64. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * The address is checked again, because the rules may have become stricter. A redirect counts as a refusal,
 * because it would bypass the rules. Only the status of the answer is read. Never throws.
 */
export async function send(
  { id, url, secret, payload, trace }: Sending,
  ports: SendPorts,
): Promise<Sent> {
  try {
    const address = readWebhookUrl(url, ports.isDevelopment);
    const at = new Date(ports.now());
    const headers = {
      "content-type": "application/json",
      "user-agent": "Apex-Edge-Webhooks/1.0",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      ...traceHeaders(trace),
      "webhook-signature": new Webhook(secret).sign(id, at, payload),
    };
    const status = await withDeadline(ports.deadlineMs ?? DEADLINE_MS, async (signal) => {
      const init = { method: "POST", headers, body: payload, redirect: "manual", signal } as const;
      const answer = await ports.fetch(new Request(address, init));
      await answer.body?.cancel();
      return answer.status;
    });
    if (status >= 200 && status < 300) return { delivered: true, status };
    const reason =
      status >= 300 && status < 400 ? "It redirects, which is not followed" : "It refused";
    return { delivered: false, status, reason, final: status === GONE };
  } catch (error) {
    const final = error instanceof ApexError;
    const reason = final ? error.message : "It did not answer in time, or could not be reached";
    return { delivered: false, status: null, reason, final };
  }
}
