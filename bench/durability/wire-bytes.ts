/** Bytes a run: what one socket is sent of a turn whose answer the model gives in 250 pieces. */
import { newPerson } from "../../test/e2e/person.ts";
import { printSpread } from "../report.ts";
import { openSocket } from "./socket.ts";
import type { Stage } from "./stage.ts";

const DELTAS = 250;
/** Characters a delta, and the pause between two: about what a fast model gives. */
const PIECE = 8;
const PACE_MS = 10;
const TURNS = 5;

export async function measureWireBytes({ product, script }: Stage): Promise<void> {
  const text = "By team. ".repeat(DELTAS).slice(0, DELTAS * PIECE);
  script(Array(TURNS).fill({ text, piece: PIECE, pace_ms: PACE_MS }));
  const person = await newPerson(product.url);
  const socket = await openSocket(person, await person.newThread());
  const all: number[] = [];
  const events: number[] = [];
  const deltaFrames: number[] = [];
  const perDelta: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const begin = socket.arrivals.length;
    socket.send({ type: "user_message", content: "Where does our money go, by team?" });
    await socket.arrival(({ type }) => type === "agent_completed", begin);
    const frames = socket.arrivals.slice(begin);
    const deltas = frames.filter(({ type }) => type === "message_delta");
    const bytes = (of: typeof frames) => of.reduce((sum, frame) => sum + frame.bytes, 0);
    all.push(bytes(frames));
    events.push(bytes(frames) - bytes(deltas));
    deltaFrames.push(deltas.length);
    perDelta.push(bytes(deltas) / DELTAS);
  }
  await socket.close();
  console.log(`Bytes a run on one socket: an answer in ${DELTAS} deltas, one each ${PACE_MS} ms`);
  printSpread("the run, all its frames", all, "bytes");
  printSpread("its events alone", events, "bytes");
  printSpread(`its text, which is ${text.length} bytes itself`, deltaFrames, "frames");
  printSpread("the text's frames, by delta", perDelta, "bytes");
}
