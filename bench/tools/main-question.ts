/** The main question, with the demo model at its full speed: how long the team works, and how long others wait. */
import { setTimeout as sleep } from "node:timers/promises";
import { newPerson } from "../../test/e2e/person.ts";
import type { Settings } from "../../test/e2e/product.ts";
import { startProduct } from "../../test/e2e/product.ts";
import { ask } from "../evaluation/ask.ts";
import { printSpread } from "../report.ts";
import { workerBelow } from "../worker-process.ts";
import { triageTimeOf } from "./triage-time.ts";

const QUESTION = "cut our AI costs by 30 % without hurting latency";
const KNOCK_EACH_MS = 50;

/** Asks so many times, each time anew for the product, and prints what it took. */
export async function measureMainQuestion(
  state: string,
  settings: Settings,
  rounds: number,
): Promise<void> {
  const runs: number[] = [];
  const inTools: number[] = [];
  const triage: number[] = [];
  const triageInTools: number[] = [];
  const worker: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const product = await startProduct(state, { ...settings, DEMO_PACE_MS: "0" });
    try {
      const person = await newPerson(product.url);
      const client = await person.client();
      const running = workerBelow(product.pid);
      const before = running.cpuMicroseconds();
      const begun = performance.now();
      const knocking = new AbortController();
      const knocks = knock(product.url, knocking.signal);
      const events = await ask(client, [QUESTION]);
      runs.push(performance.now() - begun);
      worker.push((running.cpuMicroseconds() - before) / 1_000);
      knocking.abort();
      waits.push(...(await knocks));
      const calls = events.filter((event) => event.type === "tool_completed");
      inTools.push(calls.reduce((sum, { data }) => sum + data.duration_ms, 0));
      const time = triageTimeOf(events);
      if (time === null) throw new Error("The main question was answered without triage.");
      triage.push(time.ms);
      triageInTools.push(time.inTools);
    } finally {
      await product.kill();
    }
  }
  console.log(`"${QUESTION}"`);
  printSpread("from the question to the whole answer", runs);
  printSpread("of it in tools", inTools);
  printSpread("from the run's begin to triage's findings", triage);
  printSpread("of it in triage's tools", triageInTools);
  printSpread("the worker's processor, its D1 included", worker);
  printSpread("another request meanwhile", waits);
}

/** Asks for what takes no work, again and again. @returns how long each took, in milliseconds. */
async function knock(url: string, signal: AbortSignal): Promise<number[]> {
  const waits: number[] = [];
  while (!signal.aborted) {
    const begun = performance.now();
    await (await fetch(`${url}/health/live`)).arrayBuffer();
    waits.push(performance.now() - begun);
    await sleep(KNOCK_EACH_MS);
  }
  return waits;
}
