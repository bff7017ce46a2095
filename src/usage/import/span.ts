/** A span of a trace as both conventions of model calls read it, whichever way it was written. */
import * as z from "zod";
import { elementsOf, isRecord } from "./format.ts";
import { isNothing, moment, optionalText, readMoment, text } from "./raw-fields.ts";

export type Attributes = Readonly<Record<string, unknown>>;

export const Span = z.object({
  trace_id: text,
  span_id: text,
  start: moment,
  /** Finer than milliseconds, where the source is. */
  end: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  failed: z.boolean(),
  attributes: z.record(z.string(), z.unknown()),
});
export type Span = z.output<typeof Span>;

/** An attribute's value in the JSON of OTLP: 64-bit whole numbers are text there. */
const AnyValue = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
  arrayValue: z.object({ values: z.array(z.unknown()).default([]) }).optional(),
});
const KeyValue = z.object({ key: z.string(), value: AnyValue });

function attributesOf(list: unknown): Attributes {
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.flatMap((each) => {
      const { success, data } = KeyValue.safeParse(each);
      return success ? [[data.key, plain(data.value)]] : [];
    }),
  );
}

function plain(value: z.output<typeof AnyValue>): unknown {
  const { arrayValue, stringValue, intValue, doubleValue, boolValue } = value;
  if (arrayValue === undefined) return stringValue ?? intValue ?? doubleValue ?? boolValue;
  return arrayValue.values.flatMap((each) => {
    const { success, data } = AnyValue.safeParse(each);
    return success ? [plain(data)] : [];
  });
}

/** @returns milliseconds of nanoseconds since the Unix epoch, which no number holds exactly. */
function fromNanoseconds(value: unknown): number | undefined {
  const digits = typeof value === "number" ? String(value) : value;
  if (typeof digits !== "string" || !/^\d{1,20}$/.test(digits)) return undefined;
  return Number(BigInt(digits) / 1_000n) / 1_000;
}

/** @returns the spans of an export request, or of what else was exported: spans as plain objects. */
export function spansOf(value: unknown): readonly unknown[] {
  if (!isRecord(value)) return [value];
  if (!Array.isArray(value.resourceSpans)) return elementsOf(value, "data").map(fromPlain);
  return value.resourceSpans.flatMap((group: unknown) => {
    if (!isRecord(group)) return [group];
    const { resource } = group;
    const shared = attributesOf(isRecord(resource) ? resource.attributes : undefined);
    const scopes = Array.isArray(group.scopeSpans) ? group.scopeSpans : [];
    return scopes
      .flatMap((scope: unknown) => elementsOf(scope, "spans"))
      .map((span) => fromOtlp(span, shared));
  });
}

function fromOtlp(span: unknown, resource: Attributes): unknown {
  if (!isRecord(span)) return span;
  const { code } = isRecord(span.status) ? span.status : {};
  const start = fromNanoseconds(span.startTimeUnixNano);
  const end = fromNanoseconds(span.endTimeUnixNano);
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    start: start && Math.floor(start),
    // To the microsecond, as far as it goes beyond the start.
    end: start && end && Math.floor(start) + (end - start),
    failed: code === 2 || code === "STATUS_CODE_ERROR",
    attributes: { ...resource, ...attributesOf(span.attributes) },
  };
}

function fromPlain(span: unknown): unknown {
  if (!isRecord(span) || !("span_id" in span || isRecord(span.context))) return span;
  const context = isRecord(span.context) ? span.context : span;
  return {
    trace_id: context.trace_id,
    span_id: context.span_id,
    start: readMoment(span.start_time),
    end: readMoment(span.end_time),
    failed: /error/i.test(String(span.status_code ?? "")),
    attributes: flat(span),
  };
}

/** Attributes by their dotted names, however they are nested or cut into columns. */
function flat(span: Attributes): Attributes {
  const flattened: Record<string, unknown> = {};
  function walk(value: unknown, path: string): void {
    if (isRecord(value) && path !== "context") {
      for (const [name, inner] of Object.entries(value))
        walk(inner, path === "" ? name : `${path}.${name}`);
    } else if (!isNothing(value)) {
      flattened[path.replace(/^attributes\./, "")] = value;
    }
  }
  walk(span, "");
  return flattened;
}

/** @returns the first of the attributes that is there, as text, or null. */
export function textAt(attributes: Attributes, ...names: readonly string[]): string | null {
  const found = names.map((name) => attributes[name]).find((value) => !isNothing(value));
  return optionalText.safeParse(found).data ?? null;
}
