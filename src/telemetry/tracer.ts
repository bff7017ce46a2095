/** The tracer: decides which traces are recorded, and hands over each span when it ends. */
import type { Clock } from "../core/clock.ts";
import {
  type Attributes,
  type Span,
  type SpanStart,
  type TraceContext,
  type Tracer,
  UnrecordedSpan,
} from "../core/trace.ts";

/** The limits of one span. What exceeds them is left out and counted. */
const MAX_EVENTS = 32;
const MAX_TEXT_LENGTH = 256;

/** 2^32, the number of values of the last 32 bits of a trace id. */
const ALL = 0x1_0000_0000;

interface SpanEvent {
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly attributes: SpanAttributes;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean | string[]>>;

/** An ended span. Times are in milliseconds since the Unix epoch. */
export interface EndedSpan {
  readonly context: TraceContext;
  readonly parent: { readonly spanId: string; readonly isRemote: boolean } | null;
  readonly name: string;
  readonly kind: NonNullable<SpanStart["kind"]>;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  /** What it failed with; null if it succeeded. */
  readonly errorType: string | null;
}

interface TracerParts {
  readonly clock: Pick<Clock, "now">;
  /** The share of new traces that are recorded, from 0 to 1. */
  readonly ratio: number;
  /** Receives ended spans; null records nothing. */
  readonly take: ((span: EndedSpan) => void) | null;
}

/**
 * @returns the tracer. A trace that was begun elsewhere is recorded if its `traceparent` says so, a new one by
 *   the ratio, which gives the same answer for all its spans in all isolates. The wish of a caller who is not
 *   authenticated yet counts only once it is known who it is; until then the ratio decides. Traces that are not
 *   recorded have an id too, for logs and for calls to others.
 */
export function tracerOf({ clock, ratio, take }: TracerParts): Tracer {
  return {
    start(name, parent, start) {
      const traceId = parent?.traceId ?? randomHex(16);
      const sampled = parent?.sampled ?? (take !== null && isChosen(traceId, ratio));
      if (!sampled || take === null) {
        const begun = { traceId, spanId: randomHex(8), sampled: false, state: null };
        return new UnrecordedSpan(parent ?? begun);
      }
      const above = parent && { ...parent, isRemote: true };
      const span = new RecordedSpan(name, { clock, take }, { traceId, parent: above }, start);
      // By the span's id, because the caller chooses the trace's id and could pick one that is recorded.
      if (parent && start?.isAnybodys && !isChosen(span.context.spanId, ratio)) span.doubt();
      return span;
    },
  };
}

interface Above {
  readonly traceId: string;
  readonly parent: (TraceContext & { readonly isRemote: boolean }) | null;
}

class RecordedSpan implements Span {
  readonly context: TraceContext;
  readonly #parts: { readonly clock: Pick<Clock, "now">; readonly take: (span: EndedSpan) => void };
  readonly #parent: EndedSpan["parent"];
  readonly #kind: EndedSpan["kind"];
  readonly #startedAt: number;
  readonly #events: SpanEvent[] = [];
  #name: string;
  #attributes: SpanAttributes = {};
  #droppedEvents = 0;
  #isDoubted = false;
  #isOver = false;

  constructor(
    name: string,
    parts: { readonly clock: Pick<Clock, "now">; readonly take: (span: EndedSpan) => void },
    { traceId, parent }: Above,
    { kind = "internal", attributes = {} }: SpanStart = {},
  ) {
    this.#parts = parts;
    this.#name = name;
    this.#kind = kind;
    this.#parent = parent && { spanId: parent.spanId, isRemote: parent.isRemote };
    this.#startedAt = parts.clock.now();
    this.context = { traceId, spanId: randomHex(8), sampled: true, state: parent?.state ?? null };
    this.set(attributes);
  }

  set(attributes: Attributes): void {
    if (!this.#isOver) this.#attributes = { ...this.#attributes, ...bounded(attributes) };
  }

  rename(name: string): void {
    if (!this.#isOver) this.#name = name;
  }

  event(name: string, attributes: Attributes = {}): void {
    if (this.#isOver) return;
    if (this.#events.length >= MAX_EVENTS) this.#droppedEvents += 1;
    else {
      const at = this.#parts.clock.now();
      this.#events.push({ name, at, attributes: bounded(attributes) });
    }
  }

  /** The span is dropped, unless its caller turns out to be trusted before it ends. */
  doubt(): void {
    this.#isDoubted = true;
  }

  trust(): void {
    this.#isDoubted = false;
  }

  child(name: string, start?: SpanStart): Span {
    const parent = { ...this.context, isRemote: false };
    return new RecordedSpan(name, this.#parts, { traceId: parent.traceId, parent }, start);
  }

  end(errorType: string | null = null): void {
    if (this.#isOver) return;
    if (errorType !== null) this.set({ "error.type": errorType });
    this.#isOver = true;
    if (this.#isDoubted) return;
    this.#parts.take({
      context: this.context,
      parent: this.#parent,
      name: this.#name,
      kind: this.#kind,
      startedAt: this.#startedAt,
      endedAt: this.#parts.clock.now(),
      attributes: this.#attributes,
      events: this.#events,
      droppedEvents: this.#droppedEvents,
      errorType,
    });
  }
}

function bounded(attributes: Attributes): SpanAttributes {
  const known: Record<string, SpanAttributes[string]> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (typeof value === "string") known[name] = value.slice(0, MAX_TEXT_LENGTH);
    else if (typeof value !== "object") known[name] = value;
    else known[name] = value.slice(0, MAX_EVENTS).map((text) => text.slice(0, MAX_TEXT_LENGTH));
  }
  return known;
}

/** By the id alone, so that all isolates decide alike. */
function isChosen(id: string, ratio: number): boolean {
  return Number.parseInt(id.slice(-8), 16) / ALL < ratio;
}

/** An id of only zeros would be invalid; so many random bits are never all zero. */
function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
