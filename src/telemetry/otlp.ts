/** Spans in OTLP's JSON encoding, which the OpenTelemetry library writes. */
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { EndedSpan, SpanAttributes } from "./tracer.ts";

/** `SpanKind` and `SpanStatusCode` of the OpenTelemetry API, which are enums there. */
const KINDS = { internal: 0, server: 1, client: 2 } as const;
const UNSET = 0;
const FAILED = 2;

const SCOPE = { name: "apex-edge" };

/** Attributes that all spans of a deployment share, such as `service.name`. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/** @returns the body of an export request. */
export function otlpBody(spans: readonly EndedSpan[], attributes: ResourceAttributes): Uint8Array {
  const resource = resourceOf(attributes);
  const readable = spans.map((span) => readableOf(span, resource));
  const body = JsonTraceSerializer.serializeRequest(readable);
  if (body === undefined) throw new Error("The spans could not be written.");
  return body;
}

function resourceOf(attributes: ResourceAttributes): ReadableSpan["resource"] {
  const resource: ReadableSpan["resource"] = {
    attributes: { ...attributes },
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

function readableOf(span: EndedSpan, resource: ReadableSpan["resource"]): ReadableSpan {
  const { context, parent } = span;
  const { traceId, state } = context;
  const traceFlags = context.sampled ? 1 : 0;
  const traceState = state === null ? {} : { traceState: stateOf(state) };
  const own = { traceId, spanId: context.spanId, traceFlags, ...traceState };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => own,
    ...(parent !== null && { parentSpanContext: { traceId, traceFlags, ...parent } }),
    startTime: hrTime(span.startedAt),
    endTime: hrTime(span.endedAt),
    duration: hrTime(span.endedAt - span.startedAt),
    status: { code: span.errorType === null ? UNSET : FAILED },
    attributes: attributesOf(span.attributes),
    links: [],
    events: span.events.map(({ name, at, attributes }) => ({
      name,
      time: hrTime(at),
      attributes: attributesOf(attributes),
    })),
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: 0,
  };
}

function attributesOf(attributes: SpanAttributes): ReadableSpan["attributes"] {
  return { ...attributes };
}

type State = NonNullable<ReturnType<ReadableSpan["spanContext"]>["traceState"]>;

/** The `tracestate` of other systems is passed on unchanged, without being parsed. */
function stateOf(text: string): State {
  const state: State = {
    get: () => undefined,
    set: () => state,
    unset: () => state,
    serialize: () => text,
  };
  return state;
}

/** A time as seconds and the nanoseconds beyond them. */
function hrTime(milliseconds: number): [number, number] {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1_000_000)];
}
