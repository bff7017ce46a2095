/** Doing one thing after the other, no faster than an address may: a bench is one address. */
import { setTimeout as sleep } from "node:timers/promises";

/** A sign-in each: the development server takes 600 a minute of one address. */
export const SIGN_IN_EVERY_MS = 110;
/** A verification each: it signs in twice, and reads every run. */
export const VERIFY_EVERY_MS = 250;

/** @returns what came of each, in their order; one begins when the last has ended and its time has passed. */
export async function inTurn<Each, Made>(
  all: readonly Each[],
  everyMs: number,
  make: (each: Each, index: number) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const [index, each] of all.entries()) {
    const paused = sleep(everyMs);
    made.push(await make(each, index));
    await paused;
  }
  return made;
}
