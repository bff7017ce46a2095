/** Usage as people send it over HTTP, and what is stored of it. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { z } from "zod";
import type { Credentials } from "../../../src/protocol/api.ts";
import { type Asked, ask } from "./ask.ts";

export const START = Date.UTC(2026, 9, 1);

/** @returns a record of a call, one a second, changed as the test says. */
export function record(index: number, changes: object = {}) {
  return {
    record_id: `record-${index}`,
    ts: START + index * 1_000,
    provider: "openai",
    request_model: "gpt-5.4",
    input_tokens: 1_000,
    output_tokens: 100,
    ...changes,
  };
}

export const lines = (rows: readonly unknown[]) =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");
export const series = (length: number) => Array.from({ length }, (_, index) => record(index));
export const NDJSON = { "content-type": "application/x-ndjson" };

const Rows = z.array(
  z.looseObject({
    record_id: z.string(),
    workspace_id: z.string(),
    price_version: z.string(),
    cost_computed: z.number().nullable(),
  }),
);

export async function stored(workspaceId: string) {
  const query = env.DB.prepare(
    "SELECT * FROM usage_records WHERE workspace_id = ? ORDER BY ts, record_id",
  );
  return Rows.parse((await query.bind(workspaceId).all()).results);
}

/** @returns the answer to somebody, which must be a good one. */
export async function asking<Schema extends z.ZodType>(
  person: Credentials,
  schema: Schema,
  path: string,
  asked: Asked = {},
): Promise<z.output<Schema>> {
  const response = await ask(path, { token: person.access_token, ...asked });
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return schema.parse(body);
}
