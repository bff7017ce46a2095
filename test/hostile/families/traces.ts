/** Trace headers that are no trace, somebody else's, or too much: a request is answered as without them. */
import { anonymous, type Row, signedIn } from "../row.ts";

const ME = "/api/auth/me";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

const broken: readonly Row[] = [
  ["of zeros", `00-${"0".repeat(32)}-${"0".repeat(16)}-00`],
  ["of the version that there never is", `ff-${TRACE}-${SPAN}-01`],
  ["in capital letters", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ["that says more than its version does", `00-${TRACE}-${SPAN}-01-admin`],
  ["that comes twice", `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ["with SQL in it", `00-${TRACE}-' OR 1=1 --    -01`],
  ["with a script in it", `00-<script>alert(1)</script>-${SPAN}-01`],
  ["with a line of a log in it", `00-${TRACE}","level":"error","x":"-${SPAN}-01`],
  ["with bytes that are no text", `00-${TRACE}-\u00ff\u00fe${SPAN}-01`],
  ["of 10,000 characters", `00-${TRACE}-${SPAN}-01-${"a".repeat(10_000)}`],
].map(([name = "", traceparent = ""]) => ({
  name: `A traceparent ${name} is as good as none: the request is in a trace of its own`,
  async sends(world) {
    const headers = { traceparent, tracestate: "a=1" };
    const reply = await signedIn(ME, { headers })(world);
    const told = reply.headers?.get("traceresponse") ?? "";
    const own = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/.test(told);
    const isOwn = own && !told.includes(TRACE) && !told.includes("0".repeat(32));
    return { ...reply, text: JSON.stringify({ isOwn }) };
  },
  back: { status: 200, says: '"isOwn":true' },
}));

const valid = { traceparent: `00-${TRACE}-${SPAN}-01` };

const others: readonly Row[] = [
  {
    name: "Being in somebody's trace signs nobody in",
    sends: anonymous(ME, { headers: valid }),
    back: { status: 401 },
  },
  {
    name: "Being in somebody's trace shows nothing of theirs",
    sends: signedIn("/api/threads/{theirs}", { headers: valid }),
    back: { status: 404 },
  },
  {
    name: "A tracestate with a line break, or longer than it may be, breaks nothing",
    sends: signedIn(ME, {
      headers: { ...valid, tracestate: `a=${"b".repeat(5_000)},,,=,c=${"\u007f"},<script>` },
    }),
    back: { status: 200 },
  },
  {
    name: "A wrong scrape token, an API key's look-alike and an empty one are no operators",
    sends: anonymous("/metrics", { headers: { authorization: "Bearer apx_key_metrics" } }),
    back: { status: 401 },
  },
  {
    name: "A user who is no operator is not told that there is a page of metrics",
    sends: signedIn("/metrics"),
    back: { status: 404, code: "not_found" },
  },
];

export const traces: readonly Row[] = [...broken, ...others];
