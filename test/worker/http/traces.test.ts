/** What goes to the collector of requests: whoever asks in a trace that is recorded, and is known, has it recorded. */
import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { ask } from "./ask.ts";
import { somebody } from "./somebody.ts";

const TRACE = "4bf92f3577b34da6a3ce929d00000000";
const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

const Export = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({ spans: z.array(z.object({ name: z.string(), traceId: z.string() })) }),
      ),
    }),
  ),
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** @returns the spans of that trace which were exported while some work was done, by their names. */
async function exported(work: (bindings: object) => Promise<unknown>): Promise<string[]> {
  const bodies: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    bodies.push(await new Request(input, init).text());
    return new Response();
  });
  await work({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com", TRACE_SAMPLE: "0" });
  return bodies
    .flatMap((body) => Export.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .flatMap(({ name, traceId }) => (traceId === TRACE ? [name] : []));
}

it("a user who asks in a trace that is recorded has their requests recorded", async () => {
  const { access_token: token } = await somebody();
  const spans = await exported((bindings) => ask("/api/auth/me", { token, headers, bindings }));
  expect(spans).toEqual(["GET /api/auth/me"]);
});

it("who is nobody has nothing recorded, whatever they ask for, and is told their trace all the same", async () => {
  const told: (string | null)[] = [];
  const spans = await exported(async (bindings) => {
    for (const path of ["/api/auth/me", "/api/services", "/nowhere"]) {
      for (const token of [undefined, "nonsense"]) {
        const asked = { headers, bindings, ...(token !== undefined && { token }) };
        told.push((await ask(path, asked)).headers.get("traceresponse"));
      }
    }
  });
  expect(spans).toEqual([]);
  expect(told.filter((trace) => !trace?.startsWith(`00-${TRACE}-`))).toEqual([]);
});
