/** The house rules as data and one pure check, so that planted violations can prove that it bites. */
import { basename, dirname, join } from "node:path/posix";
import { parseSync } from "oxc-parser";

/** Rooms by floor, from the ground up: a room may import itself and every lower floor. */
const FLOORS: readonly (readonly string[])[] = [
  ["protocol"],
  ["core"],
  ["agents", "tools", "models", "usage", "store", "webhooks", "mcp", "telemetry"],
  ["auth"],
  ["durable"],
  ["account"],
  ["thread"],
  ["http"],
  ["doors"],
  ["index"],
];

/** Rooms that stand beside the house: all that each may import. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  env: ["protocol"],
  client: ["protocol"],
  terminal: ["client", "protocol"],
  web: ["client", "protocol"],
};

/** What floors alone would forbid. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  // A tool wraps the maths of usage, and stands on its floor.
  tools: ["usage"],
  // Wherever somebody has us send, the same addresses are refused.
  mcp: ["webhooks"],
  // The operator's page shows the runbooks that this version was built with.
  web: ["runbooks.md?raw"],
  // The configuration is read where the platform hands it over.
  durable: ["env"],
  account: ["env"],
  thread: ["env"],
  http: ["env"],
  doors: ["env"],
  index: ["env"],
};

/** One vendor, one room. "*" stands for every room. */
const VENDORS: Readonly<Record<string, readonly string[]>> = {
  zod: ["*"],
  uuid: ["core"],
  tokenx: ["core"],
  "@opentelemetry/core": ["core"],
  "@opentelemetry/otlp-transformer": ["telemetry"],
  "@opentelemetry/sdk-trace": ["telemetry"],
  openai: ["models"],
  "@pydantic/genai-prices": ["models", "usage"],
  "@clickhouse/client-web": ["usage"],
  "csv-parse": ["usage"],
  "drizzle-orm": ["store"],
  "drizzle-kit": ["store"],
  "ipaddr.js": ["webhooks", "http"],
  standardwebhooks: ["webhooks"],
  "@modelcontextprotocol/client": ["mcp"],
  "@modelcontextprotocol/server": ["doors"],
  "@a2a-js/sdk": ["doors"],
  jose: ["auth"],
  oauth4webapi: ["auth", "mcp"],
  hono: ["http", "doors"],
  "@hono/zod-openapi": ["http", "doors"],
  "cloudflare:workers": ["account", "durable", "thread", "index"],
  "node:async_hooks": ["telemetry"],
  "node:crypto": ["auth"],
  "node:zlib": ["auth"],
  "node:": ["terminal"],
  react: ["web", "client"],
  "react-dom": ["web"],
  "react-markdown": ["web"],
  "remark-parse": ["web"],
  "mdast-util-gfm": ["web"],
  "micromark-extension-gfm": ["web"],
  unified: ["web"],
  "unist-util-visit": ["web"],
  mdast: ["web"],
  vite: ["web"],
  "@vitejs/plugin-react": ["web"],
  "swagger-ui-dist": ["web"],
  "@tanstack/react-query": ["web"],
  recharts: ["web"],
  "rehype-highlight": ["web"],
  remend: ["web"],
  virtua: ["web"],
  wouter: ["web"],
};

/** The one file that makes routes, with a permission each. */
const DECLARES_ROUTES = "src/http/define-route.ts";

/** A handler mounted on a path of its own, as hono would have it: `router.get("/…", …)`. */
const PLAIN_ROUTE = /\.(get|post|put|patch|delete|options|all|on)\(\s*(\[\s*)?["'`]\//;

/** Rooms with a file that only gathers what others export: the SDK's face. */
const BARRELS: readonly string[] = ["src/client/index.ts"];

export const MOST_LINES = 300;
export const GOOD_LINES = 250;

/** A doc comment on the first line (or the second, where a program names its interpreter). */
const OPENING = /^(#!.*\n)?\/\*\*\s[^@]*?[.:?!][\s\S]*?\*\//;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/;

/** Files by their path from the root of the repository, as `src/core/loop.ts`. */
export type Files = ReadonlyMap<string, string>;

/** @returns a sentence for each breach of the house rules. */
export function findBreaches(files: Files): string[] {
  const imports = new Map([...files].map(([path, text]) => [path, importsOf(path, text)]));
  return [
    ...[...files].flatMap(([path, text]) => formBreaches(path, text)),
    ...[...imports].flatMap(([path, specifiers]) => directionBreaches(path, specifiers, files)),
    ...circles(imports),
  ];
}

function formBreaches(path: string, text: string): string[] {
  const lines = lineCount(text);
  const { body } = parseSync(path, text).program;
  const rules: readonly (readonly [kept: boolean, breach: string])[] = [
    [OPENING.test(text), "does not open with a sentence that says why it exists"],
    [lines <= MOST_LINES, `has ${lines} lines, the most is ${MOST_LINES}`],
    [KEBAB_CASE.test(basename(path)), "is not named in kebab-case"],
    [
      path === DECLARES_ROUTES || !/\bcreateRoute\b/.test(text),
      `makes a route that ${DECLARES_ROUTES} did not see: nobody says who may call it`,
    ],
    [!PLAIN_ROUTE.test(text), "adds a route past the document: nobody says who may call it"],
    [
      !text.includes("defineTool({") || text.includes("permission: toolScope("),
      "makes a tool without a permission of its own",
    ],
    [BARRELS.includes(path) || !body.every(gathers), "is a barrel"],
  ];
  return rules.flatMap(([kept, breach]) => (kept ? [] : [`${path} ${breach}`]));
}

/** @returns whether a statement does nothing but export what another file holds. */
function gathers(statement: { readonly type: string; readonly source?: unknown }): boolean {
  return statement.type.startsWith("Export") && Boolean(statement.source);
}

function directionBreaches(path: string, specifiers: readonly string[], files: Files): string[] {
  const room = roomOf(path);
  if (!allowedRooms(room)) return [`${path} stands in no room: ${room} has no floor`];
  return specifiers.flatMap((specifier) => {
    if (!specifier.startsWith(".")) return vendorBreaches(path, specifier);
    const target = join(dirname(path), specifier);
    const other = roomOf(target);
    if (!files.has(target) && /\.tsx?$/.test(target))
      return [`${path} imports ${target}, which is not there`];
    return other === room || allowedRooms(room)?.includes(other)
      ? []
      : [`${path} imports ${target}: ${room} may not import ${other}`];
  });
}

function vendorBreaches(path: string, specifier: string): string[] {
  const rooms = Object.entries(VENDORS)
    .filter(([vendor]) => isOf(vendor, specifier))
    .flatMap(([, allowed]) => allowed);
  if (rooms.length === 0) return [`${path} imports ${specifier}, a vendor without a room`];
  return rooms.includes("*") || rooms.includes(roomOf(path))
    ? []
    : [`${path} imports ${specifier}, which belongs to ${rooms.join(" and ")}`];
}

function isOf(vendor: string, specifier: string): boolean {
  return specifier === vendor || specifier.startsWith(vendor.endsWith(":") ? vendor : `${vendor}/`);
}

/** @returns the rooms a room may import besides itself, or undefined where there is no such room. */
function allowedRooms(room: string): readonly string[] | undefined {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  const below = floor < 0 ? BESIDE[room] : FLOORS.slice(0, floor).flat();
  return below && [...below, ...(ALSO[room] ?? [])];
}

/** @returns the folder below src; a file that stands in src itself is a room of its own. */
function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.tsx?$/, "") ?? path;
}

function importsOf(path: string, text: string): string[] {
  const { module } = parseSync(path, text);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start, end).replaceAll(/^["'`]|["'`]$/g, ""),
    ),
  ];
  return [...new Set(specifiers)];
}

/** @returns the circles of imports, each told once, from the file at which it closes. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  function visit(path: string, trail: readonly string[]) {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`${[...trail.slice(start), path].join(" → ")} is a circle`);
    if (start >= 0 || done.has(path)) return;
    for (const specifier of imports.get(path) ?? []) {
      if (specifier.startsWith(".")) visit(join(dirname(path), specifier), [...trail, path]);
    }
    done.add(path);
  }
  for (const path of imports.keys()) visit(path, []);
  return found;
}

/** @returns how many lines a text has; the last line break opens no new one. */
export function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}
