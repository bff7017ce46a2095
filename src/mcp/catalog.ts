/**
 * The tools that a server lists, as far as they are accepted: limited in number and size, without invisible
 * characters, and with a fingerprint of each.
 */
import * as z from "zod";
import { Json } from "../protocol/json.ts";
import { visible } from "./failure.ts";
import { nameTools } from "./tool-names.ts";

/** The most tools of one server; further ones are left out. */
export const MAX_TOOLS = 64;
/** The most for one tool's schema as JSON, and for all schemas and descriptions of a server, in UTF-16 code units. */
const MAX_SCHEMA = 8 * 1024;
const MAX_CATALOG = 256 * 1024;
/** The most of one description, in UTF-16 code units; the rest is cut off. */
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
  /** The name that the server gives it. */
  tool: z.string(),
  /** The name that models see. */
  name: z.string(),
  description: z.string(),
  parameters: Schema,
  /** SHA-256 of everything that the server says of the tool, including what is cut off. */
  fingerprint: z.string(),
});
export type CatalogTool = z.infer<typeof CatalogTool>;

export interface Catalog {
  readonly tools: readonly CatalogTool[];
  /** The tools that are not offered, because they are too many, too large or malformed. */
  readonly leftOut: number;
}

/**
 * Reads a server's list of tools.
 * @param server the server's name here.
 * @param listed the items of the list.
 */
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

/** @returns the same value with sorted keys, because their order means nothing. */
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
