/** A collector for tests: real HTTP, OTLP/JSON as the standard has it, every failure on demand. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";

const Id = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
/** 64-bit numbers may be text in OTLP's JSON, and enums are numbers. */
const Nanoseconds = z.string().regex(/^\d{19}$/);
const Value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.union([z.number().int(), z.string()]) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({
    arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }),
  }),
]);
const KeyValues = z.array(z.strictObject({ key: z.string(), value: Value }));

/** A span by `opentelemetry/proto/trace/v1/trace.proto`, as its JSON mapping writes it; nothing else may stand in it. */
const Span = z.strictObject({
  traceId: Id(32),
  spanId: Id(16),
  parentSpanId: Id(16).optional(),
  traceState: z.string().optional(),
  name: z.string().min(1),
  kind: z.number().int().min(1).max(5),
  flags: z.number().int(),
  startTimeUnixNano: Nanoseconds,
  endTimeUnixNano: Nanoseconds,
  attributes: KeyValues,
  droppedAttributesCount: z.number(),
  events: z.array(
    z.strictObject({
      name: z.string(),
      timeUnixNano: Nanoseconds,
      attributes: KeyValues,
      droppedAttributesCount: z.number(),
    }),
  ),
  droppedEventsCount: z.number(),
  links: z.array(z.never()),
  droppedLinksCount: z.number(),
  status: z.strictObject({ code: z.number().int().min(0).max(2) }),
});
export type OtlpSpan = z.infer<typeof Span>;

export const ExportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: KeyValues, droppedAttributesCount: z.number() }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(Span) }),
      ),
    }),
  ),
});

/** @returns the spans of an export request. @throws where it is not as OTLP has it. */
export function spansOf(body: string): OtlpSpan[] {
  const { resourceSpans } = ExportRequest.parse(JSON.parse(body));
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** @returns a span's attributes by name. */
export function attributesOf({ attributes }: OtlpSpan): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [plain] = Object.values(value);
      return [key, plain];
    }),
  );
}

export interface Collector {
  readonly url: string;
  /** What came, as it came, oldest first. */
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** What it answers with from now on: a status, or nothing ever. */
  mode: number | "silent";
  /** What stands in its answers from now on. */
  answer: string;
  readonly spans: OtlpSpan[];
  close(): Promise<void>;
}

/** Starts it on a free port of the loopback. */
export async function startCollector(port = 0): Promise<Collector> {
  const requests: Collector["requests"] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      requests.push({ headers: request.headers, body });
      const isHere = request.method === "POST" && request.url === "/v1/traces";
      if (collector.mode !== "silent")
        response.writeHead(isHere ? collector.mode : 404).end(collector.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = z.object({ port: z.number() }).parse(server.address());
  const collector: Collector = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    mode: 200,
    answer: "{}",
    get spans() {
      return requests.flatMap(({ body }) => spansOf(body));
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return collector;
}
