/** The way from a request to an object: with a deadline, and a clear answer where the object has none. */
import { reach } from "../durable/reach.ts";
import { type Upgrade, upgradeRequest } from "../durable/upgrade.ts";
import { ApexError } from "../protocol/errors.ts";
import { Problem } from "../protocol/problem.ts";

/** How long an object may take to answer, its repeated attempts included. */
const DEADLINE_MS = 10_000;

/**
 * Asks an object; reaching makes it where there is none.
 * @param what the object is to a person, as "thread".
 * @param question may be put again, to a new stub, where the object was just restarting.
 * @throws {ApexError} `unavailable` where the object fails or is silent.
 */
export async function askObject<Stub extends object, Answer>(
  what: string,
  stub: () => Stub,
  question: (stub: Stub) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await reach(stub, question, DEADLINE_MS);
  } catch (cause) {
    throw new ApexError("unavailable", `The ${what} did not answer. Please try again.`, {
      retryAfter: 2,
      cause,
    });
  }
}

/**
 * Opens a socket at an object.
 * @returns the object's 101, with the socket.
 * @throws {ApexError} what the object refused the socket with, or `unavailable`.
 */
export async function connectObject(
  what: string,
  stub: () => Pick<Fetcher, "fetch">,
  upgrade: Upgrade,
): Promise<Response> {
  const answer = await askObject(what, stub, (object) => object.fetch(upgradeRequest(upgrade)));
  if (answer.status === 101) return answer;
  const problem = Problem.safeParse(await answer.json());
  if (problem.success) throw ApexError.fromProblem(problem.data);
  throw new ApexError("unavailable", `The ${what} could not be reached. Please try again.`);
}
