/** The official client of MCP, signed in as somebody, in each living revision. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";
import type { Person } from "../../e2e/person.ts";

export const ERAS = [
  ["2025-11-25", "legacy"],
  ["2026-07-28", { pin: "2026-07-28" }],
] as const;

/** @returns a client that has shaken hands; it is closed with the test. */
export async function connect({ url, credentials }: Person, mode: (typeof ERAS)[number][1]) {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${credentials.access_token}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  onTestFinished(() => client.close());
  return client;
}
