/**
 * Sends spans to a collector over OTLP/HTTP, in the background. Queue and time are limited; dropped spans are
 * counted.
 */
import * as z from "zod";
import { CircuitBreaker } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import type { Metrics } from "../core/metrics.ts";
import { backoff } from "../core/retry.ts";
import { otlpBody, type ResourceAttributes } from "./otlp.ts";
import type { EndedSpan } from "./tracer.ts";

/** The most spans that wait in an isolate; further ones are dropped. */
const MAX_WAITING = 2_048;
/** How long a flush waits for more spans to join it, in milliseconds. */
const GATHER_MS = 1_000;
/** The most spans in one request. */
const BATCH = 512;
/** How long one request may take, in milliseconds. */
const DEADLINE_MS = 5_000;
/** A flush starts no further batch after this, in milliseconds: the platform allows background work of 30 s. */
const FLUSH_MS = 10_000;
/** How often one batch is sent at most, and the pause between two attempts, in milliseconds. */
const TRIES = 3;
const PAUSES = { initialMs: 500, maxMs: 4_000 };
/** How many lost batches in a row stop the exports, and for how many milliseconds. */
const FAILURES = 3;
const OPEN_MS = 30_000;
/** The status codes after which a batch is sent again (OTLP/HTTP, "Retryable Response Codes"). */
const PASSING = new Set([429, 502, 503, 504]);

export interface Collector {
  /** The collector's address for traces. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface ExporterParts {
  readonly collector: Collector;
  readonly resource: ResourceAttributes;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly deadlineMs?: number;
}

/** The answer of a collector that took only some spans. 64-bit numbers may be strings in OTLP's JSON. */
const Taken = z.object({
  partialSuccess: z.object({ rejectedSpans: z.coerce.number().int().min(0) }),
});

type Reason = "queue_full" | "unreachable" | "refused" | "breaker_open";

/**
 * Shared by all requests of an isolate, so it holds plain data only: no promise or signal of one request. Each
 * flush sends what it takes by itself.
 */
export class SpanExporter {
  readonly #parts: ExporterParts;
  readonly #breaker: CircuitBreaker;
  #waiting: EndedSpan[] = [];
  /** How many spans were dropped since the last flush because the queue was full. */
  #overflow = 0;
  /**
   * Until when a flush waits for more spans. It is a time and no flag, because the waiting request may be cut
   * off.
   */
  #gatheringUntil = 0;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    const onChange = ({ state }: { readonly state: string }) =>
      log.warn("traces.collector", { breaker: state });
    this.#breaker = new CircuitBreaker({ clock, failures: FAILURES, openMs: OPEN_MS, onChange });
  }

  /** Queues an ended span for the next flush. */
  readonly take = (span: EndedSpan): void => {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(span);
    else this.#overflow += 1;
  };

  /** Flushes after a short wait, together with the spans that are added meanwhile. */
  async flushSoon(): Promise<void> {
    const { clock } = this.#parts;
    const now = clock.now();
    if (now < this.#gatheringUntil) return;
    this.#gatheringUntil = now + GATHER_MS;
    await clock.sleep(GATHER_MS);
    await this.flush();
  }

  /**
   * Sends the queue, or as much as there is time for; the next flush continues. Never throws: what cannot be sent
   * is dropped and counted.
   */
  async flush(): Promise<void> {
    const { clock } = this.#parts;
    const until = clock.now() + FLUSH_MS;
    if (this.#overflow > 0) this.#drop(this.#overflow, "queue_full");
    this.#overflow = 0;
    while (this.#waiting.length > 0 && clock.now() < until) {
      const batch = this.#waiting.splice(0, BATCH);
      const leave = this.#breaker.enter();
      if (leave === null) {
        this.#drop(batch.length, "breaker_open");
        continue;
      }
      const { lost, reason } = await this.#send(batch);
      leave(reason === "unreachable" ? "failure" : "success");
      const taken = batch.length - lost;
      if (taken > 0) this.#parts.metrics.add("apex_trace_spans_exported_total", {}, taken);
      if (lost > 0) this.#drop(lost, reason);
    }
  }

  /** @returns how many spans of the batch are lost, and why. */
  async #send(batch: readonly EndedSpan[]): Promise<{ lost: number; reason: Reason }> {
    const { clock, resource } = this.#parts;
    const body = otlpBody(batch, resource);
    const all = batch.length;
    for (let failures = 1; ; failures += 1) {
      const answer = await this.#post(body);
      if (answer?.ok)
        return { lost: Math.min(all, await this.#rejected(answer)), reason: "refused" };
      await answer?.body?.cancel().catch(() => undefined);
      if (answer !== null && !PASSING.has(answer.status)) return { lost: all, reason: "refused" };
      if (failures >= TRIES) return { lost: all, reason: "unreachable" };
      await clock.sleep(backoff(failures, PAUSES));
    }
  }

  /** @returns how many spans the answer rejects; 0 if its body does not arrive in time. */
  async #rejected(answer: Response): Promise<number> {
    const { deadlineMs = DEADLINE_MS } = this.#parts;
    try {
      const body: unknown = await withDeadline(deadlineMs, () => answer.json());
      return Taken.safeParse(body).data?.partialSuccess.rejectedSpans ?? 0;
    } catch {
      return 0;
    }
  }

  /**
   * @returns the answer; null if none came in time. Redirects are not followed, as they would take the secrets
   *   elsewhere.
   */
  async #post(body: Uint8Array): Promise<Response | null> {
    const { collector, fetch, deadlineMs = DEADLINE_MS } = this.#parts;
    try {
      return await withDeadline(deadlineMs, async (signal) => {
        const headers = { ...collector.headers, ...UNTRACED, "content-type": "application/json" };
        const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
        return await fetch(new Request(collector.url, init));
      });
    } catch {
      return null;
    }
  }

  #drop(spans: number, reason: Reason): void {
    const { log, metrics } = this.#parts;
    metrics.add("apex_trace_spans_dropped_total", { reason }, spans);
    log.warn("traces.dropped", { spans, reason });
  }
}

/**
 * Marks export requests as untraced. Otherwise a deployment that also receives traces would trace its own exports
 * for ever.
 */
const UNTRACED = { traceparent: `00-${"1".repeat(32)}-${"1".repeat(16)}-00` };
