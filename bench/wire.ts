/**
 * What a piece of an answer costs on its way out: bytes at a socket, and time of the worker.
 *
 * `npm run bench:wire` starts the product by itself, with a model endpoint that streams pieces of
 * four characters, and listens at 1 and at 50 sockets of one thread. What is timed here is the whole
 * process that runs the Worker and its objects: all its threads on a CPU, kernel included, as Linux
 * counts it. The same answer in a single piece is subtracted, so what a turn costs however it is cut
 * (admission, checkpoints, D1) does not count. Reading the model's stream does; the turn that nobody
 * listens to shows it alone, so the wire is what is above it. `bench/wire/worker-time.ts`, which the
 * same command runs, times the worker alone.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Credentials } from "../src/protocol/api.ts";
import { Thread } from "../src/protocol/entities.ts";
import { ServerFrame } from "../src/protocol/events.ts";
import { openaiSettings, startProduct, temporaryState } from "../test/e2e/product.ts";
import { startModelServer } from "../test/model-server/main.ts";
import { frameBytes } from "./frame-bytes.ts";
import { median } from "./report.ts";
import { circumstances } from "./report-page.ts";
import { workerBelow } from "./worker-process.ts";

const { values } = parseArgs({ options: { turns: { type: "string", default: "5" } } });
const TURNS = Number(values.turns);
const KEY = "bench";
const PIECE = 4;
const WORDS = "The cost of a request is its tokens times their price, cached ones apart. ";
/** A turn that takes longer, in milliseconds, will not end. */
const DEADLINE_MS = 180_000;
/** After a turn's last event, until what it left to do is done. */
const QUIET_MS = 400;
/** What a worker at rest still takes of a processor. */
const IDLE_SHARE = 0.02;

const PACES = [
  { name: "100 deltas a second", paceMs: 10 },
  { name: "full speed", paceMs: 0 },
];

/** What one turn took. */
interface Cost {
  /** Of all delta frames at one socket, WebSocket headers included. */
  readonly bytes: number;
  readonly frames: number;
  /** In microseconds. */
  readonly time: number;
}

const state = await temporaryState();
const model = await startModelServer();
const product = await startProduct(state.path, openaiSettings(model.url, KEY));
const worker = workerBelow(product.pid);
try {
  console.log(`${circumstances()}\n`);
  for (const deltas of [250, 5_000]) {
    for (const { name, paceMs } of PACES) {
      const turns = deltas * paceMs > 10_000 ? 1 : TURNS;
      console.log(`${deltas} deltas at ${name}, median of ${turns}, time of the whole process`);
      report(deltas, await measure(deltas, paceMs, turns));
    }
  }
} finally {
  await product.stop();
  await model.close();
  await state.remove();
}
execFileSync("vitest", ["run", "--config", "bench/wire/vitest.config.ts"], { stdio: "inherit" });

interface Measured {
  readonly bytes: number;
  readonly frames: number;
  /** Of a turn that nobody hears, in microseconds. */
  readonly unheard: number;
  /** What it takes beyond that where one listens, and where fifty do. */
  readonly one: number;
  readonly fifty: number;
}

/** Compares turns that come one after the other, so that the machine's moods hit all alike. */
async function measure(deltas: number, paceMs: number, turns: number): Promise<Measured> {
  const text = WORDS.repeat(Math.ceil((deltas * PIECE) / WORDS.length)).slice(0, deltas * PIECE);
  const [silent, single, crowded] = [await listen(0), await listen(1), await listen(50)];
  const rounds: Measured[] = [];
  for (let round = 0; round < turns; round += 1) {
    const unheard = await cost(silent);
    const one = await cost(single);
    const fifty = await cost(crowded);
    const wire = { one: one.time - unheard.time, fifty: fifty.time - unheard.time };
    rounds.push({ bytes: one.bytes, frames: one.frames, unheard: unheard.time, ...wire });
  }
  for (const thread of [silent, single, crowded]) thread.close();
  return {
    bytes: median(rounds.map(({ bytes }) => bytes)),
    frames: median(rounds.map(({ frames }) => frames)),
    unheard: median(rounds.map(({ unheard }) => unheard)),
    one: median(rounds.map(({ one }) => one)),
    fifty: median(rounds.map(({ fifty }) => fifty)),
  };

  async function cost({ turn }: Listeners): Promise<Cost> {
    const whole = await turn(text, text.length, 0);
    const cut = await turn(text, PIECE, paceMs);
    return { ...cut, time: cut.time - whole.time };
  }
}

interface Listeners {
  /** Has the model give a text in pieces. */
  readonly turn: (text: string, piece: number, paceMs: number) => Promise<Cost>;
  readonly close: () => void;
}

/** Opens a thread and its sockets. */
async function listen(count: number): Promise<Listeners> {
  const token = await signIn();
  const { id } = Thread.parse(await post("/api/threads", {}, token));
  let bytes = 0;
  let frames = 0;
  let ended = 0;
  const open = async (index: number): Promise<WebSocket> => {
    const url = `${product.url.replace("http", "ws")}/api/threads/${id}/socket`;
    const socket = new WebSocket(url, ["apex-edge", `bearer.${token}`]);
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.startsWith('{"type":"agent_completed"')) ended += 1;
      if (index > 0 || !text.startsWith('{"type":"message_delta"')) return;
      ServerFrame.parse(JSON.parse(text));
      bytes += frameBytes(text);
      frames += 1;
    });
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: count }, (_, index) => open(index)));

  async function turn(text: string, piece: number, paceMs: number): Promise<Cost> {
    model.script(KEY, [{ text, piece, pace_ms: paceMs }]);
    await sleep(QUIET_MS);
    [bytes, frames, ended] = [0, 0, 0];
    const before = worker.cpuMicroseconds();
    const message = { content: "What does a request cost?", client_message_id: randomUUID() };
    await post(`/api/threads/${id}/messages`, message, token);
    if (count === 0) await untilUnheardEnd((text.length / piece) * paceMs);
    const deadline = Date.now() + DEADLINE_MS;
    while (ended < count && Date.now() < deadline) await sleep(20);
    if (ended < count) throw new Error(`${ended} of ${count} sockets heard the turn's end`);
    await sleep(QUIET_MS);
    return { bytes, frames, time: worker.cpuMicroseconds() - before };
  }

  function close(): void {
    for (const socket of sockets) socket.close();
  }

  return { turn, close };
}

/** Nobody is told of its end: the model takes so long at least, and the worker is at rest only after it. */
async function untilUnheardEnd(leastMs: number): Promise<void> {
  await sleep(leastMs + QUIET_MS);
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const before = worker.cpuMicroseconds();
    await sleep(QUIET_MS);
    if (worker.cpuMicroseconds() - before < IDLE_SHARE * QUIET_MS * 1_000) return;
  }
  throw new Error("The worker does not come to rest.");
}

/** Anew for each thread: a token would not outlast the bench. */
async function signIn(): Promise<string> {
  const login = await post("/api/auth/dev-login", { email: "bench@example.com" });
  return Credentials.parse(login).access_token;
}

/** Asks again where the development server lost it; its id keeps a message from being taken twice. */
async function post(path: string, body: object, token = "", tries = 3): Promise<unknown> {
  const response = await fetch(`${product.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  if (response.status < 500 || tries === 1) throw new Error(`${path}: ${await response.text()}`);
  await sleep(QUIET_MS);
  return post(path, body, token, tries - 1);
}

function report(deltas: number, { bytes, frames, unheard, one, fifty }: Measured): void {
  const micros = (time: number) => `${each(time, deltas)} µs a delta`;
  console.log(
    `  ${each(bytes, deltas)} B a delta at one socket, ${each(deltas, frames)} deltas a frame`,
  );
  console.log(`  the model's stream ${micros(unheard)}`);
  console.log(`  the wire to 1 socket ${micros(one)}, to 50 ${micros(fifty)}\n`);
}

function each(total: number, count: number): string {
  return (total / count).toFixed(1);
}
