/** The tracer: decides which traces are recorded, and hands over each span when it has ended. */
import type { Clock } from "../core/clock.ts";
import {
  type Attributes,
  type Span,
  type SpanStart,
  type TraceContext,
  type Tracer,
  UnrecordedSpan,
} from "../core/trace.ts";

/** Bounds of one span: what is past them is left out, and said to be. */
const MAX_EVENTS = 32;
const MAX_TEXT_LENGTH = 256;

/** 2^32: what the last 32 bits of a trace id are a share of. */
const ALL = 0x1_0000_0000;

export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly attributes: SpanAttributes;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean | string[]>>;

/** A span that is over. Moments in milliseconds since the Unix epoch. */
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
  /** What it failed with; null where it did not. */
  readonly errorType: string | null;
}

interface TracerParts {
  readonly clock: Pick<Clock, "now">;
  /** The share of the traces begun here that are recorded, from 0 to 1. */
  readonly ratio: number;
  /** Takes a span that is over; null where nobody does, and so nothing is recorded. */
  readonly take: ((span: EndedSpan) => void) | null;
}

/**
 * @returns the tracer. A trace that was begun elsewhere is recorded where its beginner has it recorded,
 *   one that begins here by the ratio: the same for all its spans, in whichever isolate they are. What
 *   anybody may ask for is recorded by the ratio alone, until it is known who asked. What is not recorded
 *   has an id all the same, for logs and for who is asked.
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
      // By the span's id, which nobody chooses: the trace's is the caller's own choice.
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

  /** It goes to nobody, unless whoever asked for it is trusted before its end. */
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

/** By the id alone, so that everybody who is asked chooses the same. */
function isChosen(id: string, ratio: number): boolean {
  return Number.parseInt(id.slice(-8), 16) / ALL < ratio;
}

/** An id of zeros alone would be none; so many random bits never are. */
function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
