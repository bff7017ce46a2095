/** What a server says it can do, as it is believed: bounded, visible, and with a fingerprint of every word. */
import * as z from "zod";
import { Json } from "../protocol/json.ts";
import { visible } from "./failure.ts";
import { nameTools } from "./tool-names.ts";

/** Tools of one server; what it has beyond them is left out. */
export const MAX_TOOLS = 64;
/** One tool's schema as JSON, and all schemas and descriptions of a server, in UTF-16 code units. */
const MAX_SCHEMA = 8 * 1024;
const MAX_CATALOG = 256 * 1024;
/** One description, in UTF-16 code units: the rest is not shown to a model. */
const MAX_DESCRIPTION = 1_024;

const ObjectSchema = z.looseObject({ type: z.literal("object") });

/** A tool as a server lists it. */
const Listed = z.object({
  name: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  description: z.string().default(""),
  inputSchema: Json.refine((schema) => ObjectSchema.safeParse(schema).success),
});

const Schema = z.record(z.string(), Json);

export const CatalogTool = z.object({
  /** As the server names it. */
  tool: z.string(),
  /** As it is named here. */
  name: z.string(),
  description: z.string(),
  parameters: Schema,
  /** SHA-256 of all that the server said of it, shown or not. */
  fingerprint: z.string(),
});
export type CatalogTool = z.infer<typeof CatalogTool>;

export interface Catalog {
  readonly tools: readonly CatalogTool[];
  /** Tools that are listed and not offered: too many, too large, or not as the protocol has them. */
  readonly leftOut: number;
}

/** @param listed what the server's list held. @param server its name here. */
export async function readCatalog(server: string, listed: readonly unknown[]): Promise<Catalog> {
  const read = listed.slice(0, MAX_TOOLS).flatMap((tool) => {
    const parsed = Listed.safeParse(tool);
    return parsed.success ? [{ ...parsed.data, all: JSON.stringify(sorted(tool)) }] : [];
  });
  const single = [...new Map(read.map((tool) => [tool.name, tool])).values()];
  const names = nameTools(
    server,
    single.map(({ name }) => name),
  );
  const tools: CatalogTool[] = [];
  let size = 0;
  for (const { name: tool, description: said, inputSchema, all } of single) {
    const schema = JSON.stringify(inputSchema, (_, value) =>
      typeof value === "string" ? visible(value) : value,
    );
    const description = visible(said).slice(0, MAX_DESCRIPTION).toWellFormed();
    const name = names.get(tool);
    size += schema.length + description.length;
    if (name === undefined || schema.length > MAX_SCHEMA || size > MAX_CATALOG) continue;
    const parameters = Schema.parse(JSON.parse(schema));
    tools.push({ tool, name, description, parameters, fingerprint: await sha256(all) });
  }
  return { tools, leftOut: listed.length - tools.length };
}

/** @returns the same value with its keys in order: the order a server lists them in says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]));
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
}
