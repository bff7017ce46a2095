/** Waiting with an end: for a promise, or for something that comes to be true. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;
/** What a test waits for at most, where it says nothing else, in milliseconds. */
const DEADLINE_MS = 110_000;

/** @throws with what was there instead, where the promise does not settle in time. */
export async function within<Value>(
  milliseconds: number,
  promise: Promise<Value>,
  described: () => string,
): Promise<Value> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new Error(`Not within ${milliseconds} ms. There is only: ${described()}`)),
    milliseconds,
  );
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again until there is an answer. @throws where there is none in time. */
export async function eventually<Value>(
  ask: () => Promise<Value | undefined> | Value | undefined,
  described: () => string,
  milliseconds = DEADLINE_MS,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(POLL_MS);
  }
  throw new Error(`Not within ${milliseconds} ms. There is only: ${described()}`);
}
