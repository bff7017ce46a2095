/** What no client of another protocol would send to its door: each refuses it in the words of that protocol. */
import { inPieces } from "../in-pieces.ts";
import { type Back, type Row, type Sends, signedIn } from "../row.ts";

/** A door, and what must stand in whatever it refuses. */
interface Door {
  readonly path: string;
  /** As JSON writes it; without one it is problem details alone. */
  readonly says?: string;
}

const OPENAI = '"error":{"message":';
const JSON_RPC = '"jsonrpc":"2.0","id":null,"error":{"code":-32';
const RPC = ["/mcp", "/a2a"];

const DOORS: readonly Door[] = [
  { path: "/v1/chat/completions", says: OPENAI },
  { path: "/v1/responses", says: OPENAI },
  { path: "/api/ai-sdk/chat" },
  { path: "/ag-ui" },
  { path: "/ag-ui/agent/default/run" },
  { path: "/ag-ui/agent/default/connect" },
  ...RPC.map((path) => ({ path, says: JSON_RPC })),
  { path: "/v1/traces", says: '"message":"' },
];

/** Larger than any body that a door takes, and than what is read of one that nobody wants. */
const ENDLESS = { pieces: Number.POSITIVE_INFINITY, size: 256 * 1024 };
/** Deeper than any stack. */
const DEEP = 50_000;
const deep = `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`;

function post(path: string, body: () => unknown, headers: Record<string, string> = {}): Sends {
  return signedIn(path, () => ({
    method: "POST",
    body: body(),
    headers: { "content-type": "application/json", accept: "*/*", ...headers },
  }));
}

const A2A_PARSE_ERROR: Back = { status: 200, says: '"error":{"code":-32700' };

const refusals: readonly Row[] = DOORS.flatMap(({ path, says }) => {
  const told = says === undefined ? {} : { says };
  const unsigned = (headers: Record<string, string>): Sends => post(path, () => "{}", headers);
  return [
    {
      name: `${path} is closed to a credential that is none`,
      sends: unsigned({ authorization: "Bearer apx_key_wrong" }),
      back: { status: 401, code: "token_invalid", ...told },
    },
    {
      name: `${path} is closed to who shows no credential`,
      sends: unsigned({ authorization: "" }),
      back: { status: 401, code: "unauthenticated", ...told },
    },
    {
      name: `${path} takes no plain text`,
      sends: post(path, () => "{}", { "content-type": "text/plain" }),
      back: { status: 415, code: "unsupported_media_type", ...told },
    },
    {
      name: `${path} takes no body that is packed`,
      sends: post(path, () => "{}", { "content-encoding": "gzip" }),
      back: { status: 415, code: "unsupported_media_type", ...told },
    },
    {
      name: `${path} reads no body without an end`,
      sends: post(path, () => inPieces(ENDLESS.pieces, ENDLESS.size)),
      back: { status: 413, code: "too_large", ...told },
    },
    {
      name: `${path} makes nothing of a body that breaks off`,
      sends: post(path, () => inPieces(3, 10, "error")),
      back: { status: 400, code: "malformed_body", ...told },
    },
    {
      name: `${path} makes nothing of a body that is cut off`,
      sends: post(path, () => '{"messages": ['),
      back: path === "/a2a" ? A2A_PARSE_ERROR : { status: 400, code: "malformed_body", ...told },
    },
  ];
});

const question = [{ role: "user", content: "Hello?" }];
const model = "apex-supervisor";

/** A body that a door passes on, and what must stand in its answer; without that, whatever is in order. */
type Nested = readonly [path: string, body: object, says?: string];

const NESTED: readonly Nested[] = [
  ["/v1/chat/completions", { model, messages: question, metadata: { deep: "<deep>" } }],
  ["/v1/chat/completions", { model, messages: [{ ...question[0], deep: "<deep>" }] }],
  ["/v1/responses", { model, input: "Hello?", text: { format: { type: "text", deep: "<deep>" } } }],
  ["/v1/responses", { model, input: "Hello?", tools: [{ type: "function", deep: "<deep>" }] }],
  [
    "/api/ai-sdk/chat",
    {
      id: "deep",
      messages: [
        { id: "1", role: "user", parts: [{ type: "text", text: "Hello?" }] },
        {
          id: "2",
          role: "assistant",
          parts: [{ type: "tool-x", toolCallId: "1", state: "output-available", input: "<deep>" }],
        },
      ],
    },
  ],
  [
    "/ag-ui",
    {
      ...{ threadId: "deep", runId: "1" },
      messages: [
        { id: "1", role: "assistant", content: "<deep>" },
        { id: "2", role: "user", content: "Hello?" },
        { id: "3", role: "assistant", content: "Hel" },
      ],
    },
    "invalid_fields",
  ],
  [
    "/mcp",
    call("tools/call", { name: "query_corpus", arguments: { deep: "<deep>" } }),
    "(invalid_fields)",
  ],
  ["/a2a", call("SendMessage", { message: { messageId: "1", metadata: { deep: "<deep>" } } })],
  ["/v1/traces", { resourceSpans: ["<deep>"] }],
];

const nested: readonly Row[] = NESTED.map(([path, body, says], index) => ({
  name: `${path} overflows no stack by what is nested without an end (${index + 1})`,
  sends: post(path, () => JSON.stringify(body).replace('"<deep>"', deep), {
    accept: "application/json, text/event-stream",
  }),
  back: { status: [200, 400, 413, 422], ...(says !== undefined && { says }) },
  mayChange: ["threads", "messages", "runs", "Thread objects", "usage_quarantine"],
}));

function call(method: string, params: object) {
  return { jsonrpc: "2.0", id: 7, method, params };
}

/** Turns of the longest that one may be: thirty are within the bound of a body, and more than can be kept. */
const turns = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: "x".repeat(120_000),
  }));

const long: readonly Row[] = ["/v1/chat/completions", "/v1/responses"].flatMap((path) => {
  const said = (count: number) => [...turns(count), ...question];
  const sends = (count: number) =>
    post(path, () => JSON.stringify({ model, messages: said(count), input: said(count) }));
  const mayChange = ["threads", "messages", "runs", "Thread objects"];
  return [
    {
      name: `${path} takes a conversation that is nearly longer than can be kept`,
      sends: sends(12),
      back: { status: 200 },
      mayChange,
    },
    {
      name: `${path} refuses a conversation that is longer than can be kept`,
      sends: sends(16),
      back: { status: 413, code: "too_large", says: OPENAI },
      mayChange: ["Thread objects"],
    },
  ];
});

export const doors: readonly Row[] = [...refusals, ...nested, ...long];
