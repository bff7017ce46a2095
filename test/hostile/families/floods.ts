/** More than anybody should send: each flood is refused or carried, and what it hit serves on. */
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { beginThread } from "../../worker/thread/conversation.ts";
import { counted, type Row, type Sends, signedIn } from "../row.ts";
import type { InsideWorld } from "../world.ts";
import { madeUpIds } from "./paths-and-ids.ts";

const FRAMES = 500;
const PINGS = 5_000;
const MESSAGES = 60;
const IDS = 300;
const CONVERSATION = ["threads", "messages", "runs", "Thread objects"];

/** Sends many of one frame over a socket of a new thread. @returns what a new socket is told then. */
function flood(frame: string | ArrayBuffer, count: number): Sends<InsideWorld> {
  return async (world: InsideWorld) => {
    const thread = await beginThread(world.attacker.credentials);
    const client = await thread.connect();
    for (let n = 0; n < count; n += 1) client.sendRaw(frame);
    const next = await thread.connect();
    await next.answers();
    next.close();
    client.close();
    await thread.settled();
    return signedIn(thread.path)(world);
  };
}

export const floods: readonly Row<InsideWorld>[] = [
  {
    name: "Five thousand pings keep nobody else from the thread",
    sends: flood('{"type":"ping"}', PINGS),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Five hundred unknown commands keep nobody else from the thread",
    sends: flood('{"type":"x"}', FRAMES),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Five hundred cancels of nothing keep nobody else from the thread",
    sends: flood('{"type":"cancel"}', FRAMES),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Five hundred frames of garbage keep nobody else from the thread",
    sends: flood("\u0000{", FRAMES),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Five hundred binary frames keep nobody else from the thread",
    sends: flood(new ArrayBuffer(64), FRAMES),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Two hundred resumes from the beginning keep nobody else from the thread",
    sends: flood('{"type":"resume","epoch":"x","after":0}', 200),
    back: { status: 200 },
    mayChange: CONVERSATION,
  },
  {
    name: "Of sixty messages at once a thread takes some, refuses the others, and answers what it took",
    sends: async (world) => {
      const thread = await beginThread(world.attacker.credentials);
      const replies = await Promise.all(
        Array.from({ length: MESSAGES }, (_, n) =>
          signedIn(`${thread.path}/messages`, { body: { content: `Hello ${n}` } })(world),
        ),
      );
      const taken = replies.filter(({ status }) => status === 202);
      for (const { text } of taken) {
        const { run_id } = AcceptedMessage.parse(JSON.parse(text));
        await thread.settled();
        await thread.run(run_id);
      }
      const isWhole = replies.every(({ status }) => status === 202 || status === 429);
      return { ...counted(replies), text: JSON.stringify({ isWhole }) };
    },
    back: { status: 200, says: '"isWhole":true' },
    mayChange: CONVERSATION,
  },
  {
    name: "Hundreds of made-up thread ids are all missing, and make no object",
    sends: async (world) => {
      const tried = madeUpIds(IDS).map((id) => signedIn(`/api/threads/${id}/messages`)(world));
      return counted(await Promise.all(tried));
    },
    back: { status: 200, says: `404×${IDS}` },
  },
  {
    name: "Hundreds of made-up run ids are all missing, and make no object",
    sends: async (world) => {
      const tried = madeUpIds(IDS).map((id) =>
        signedIn(`/api/runs/${id}.1/cancel`, { method: "POST" })(world),
      );
      return counted(await Promise.all(tried));
    },
    back: { status: 200, says: `404×${IDS}` },
  },
  {
    name: "Hundreds of made-up tickets open nothing",
    sends: async (world) => {
      const tried = madeUpIds(IDS).map((id) => signedIn(`/api/threads/{mine}?ticket=${id}`)(world));
      return counted(await Promise.all(tried));
    },
    back: { status: 200, says: `200×${IDS}` },
  },
];
