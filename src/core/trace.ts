/** Traces as a port: spans that know what they tell of, and nothing of where that goes. Never content. */

/** Where a span stands in a trace, as W3C Trace Context has it. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether who began the trace has it recorded. */
  readonly sampled: boolean;
  /** What other tracing systems keep with it (`tracestate`); null for nothing. */
  readonly state: string | null;
}

/** Ids, names, counts and codes: no word of a message, of a tool's arguments or of a result. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

export interface SpanStart {
  /** `server` answers somebody, `client` asks somebody else; `internal` without it. */
  readonly kind?: "internal" | "server" | "client";
  readonly attributes?: Attributes;
  /**
   * Whether the caller is not authenticated yet. Until {@link Span.trust} is called, a caller's wish to have the
   * trace recorded is then ignored, so that strangers cannot make us record everything.
   */
  readonly isAnybodys?: boolean;
}

/** A piece of work under way. Nothing it is told throws, waits, or is told after its end. */
export interface Span {
  /** Null where there is no trace at all. */
  readonly context: TraceContext | null;
  /** Adds to what is known of it; null and undefined are left out. */
  set(attributes: Attributes): void;
  rename(name: string): void;
  event(name: string, attributes?: Attributes): void;
  /** The caller is authenticated now, so their wish to have the trace recorded counts. */
  trust(): void;
  child(name: string, start?: SpanStart): Span;
  /** @param errorType what it failed with, a word of few (`error.type`); without it, it did not fail. */
  end(errorType?: string | null): void;
}

export interface Tracer {
  /** @param parent where the work was asked for; null where it begins here. */
  start(name: string, parent: TraceContext | null, start?: SpanStart): Span;
}

/** A span that is not recorded: it hands on where it stands, and that is all. */
export class UnrecordedSpan implements Span {
  readonly context: TraceContext | null;

  constructor(context: TraceContext | null) {
    this.context = context;
  }

  set(): void {}
  rename(): void {}
  event(): void {}
  trust(): void {}
  child(): Span {
    return this;
  }
  end(): void {}
}

/** Where nobody traces. */
export const NO_SPAN: Span = new UnrecordedSpan(null);

/** Hands on what it was given, and records nothing. */
export const NO_TRACER: Tracer = { start: (_name, parent) => new UnrecordedSpan(parent) };
