/** A network that breaks in mid-stream: what the client has at the end, and what resuming it took. */
import { setTimeout as sleep } from "node:timers/promises";
import { startCuttingProxy } from "../../../test/e2e/cutting-proxy.ts";
import { type Bench, inDeltas, interleave, QUESTION } from "../bench.ts";
import { openLine } from "../line.ts";
import { answerOf, deltasOf, PIECE } from "../model.ts";

/** Also where little is measured: the answer is to go on when the client is back. */
const DELTAS = 250;
const PACE_MS = 10;
/** Until an end that has not come will not come: the floor tells nobody what is over. */
const PATIENCE_MS = 8_000;
/** How long the client is away, in milliseconds. */
const AWAY_MS = 200;
/** How much of the answer it has by then. */
const SHARE_SEEN = 0.7;

export async function measureReconnect(bench: Bench): Promise<void> {
  const { model, samples, extent } = bench;
  const text = answerOf(DELTAS);
  await interleave(bench, extent.reconnects, async (contender) => {
    const { name } = contender;
    await using stack = new AsyncDisposableStack();
    const network = await startCuttingProxy(contender.url, []);
    stack.defer(() => network.close());
    const chat = (await contender.begin()).newChat();
    await model.script(name, inDeltas(text, PIECE, PACE_MS));
    const first = await openLine(network.url, chat);
    first.say(QUESTION).catch(() => undefined);
    await first.seen(text.length * SHARE_SEEN);
    network.cutAll();
    const had = new Set(deltasOf(chat.answer));
    await sleep(AWAY_MS);
    const second = await openLine(network.url, chat);
    const rest = await second.hearFor(PATIENCE_MS);
    second.close();

    const tally = new Map<string, number>();
    for (const delta of deltasOf(rest.answer)) tally.set(delta, (tally.get(delta) ?? 0) + 1);
    const expected = deltasOf(text);
    const again = deltasOf(rest.text).filter((delta) => had.has(delta)).length;
    samples.note("lost", name, expected.filter((delta) => !tally.has(delta)).length);
    samples.note("doubled", name, [...tally.values()].filter((times) => times > 1).length);
    samples.note("again", name, again);
    samples.note("toCome", name, expected.length - had.size);
    samples.note("resumeFrames", name, rest.frames);
    samples.note("resumeBytes", name, rest.bytes);
  });
}
