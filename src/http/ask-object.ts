/** Calls a Durable Object on behalf of a request: within a deadline, and with a clear error if it fails. */
import { reach } from "../durable/reach.ts";
import { type Upgrade, upgradeRequest } from "../durable/upgrade.ts";
import { ApexError } from "../protocol/errors.ts";
import { Problem } from "../protocol/problem.ts";

/** How long an object may take to answer, its repeated attempts included. */
const DEADLINE_MS = 10_000;

/**
 * Calls an object. The platform creates it if it does not exist.
 * @param what how an error message names the object, for example "thread".
 * @param question the call. It is repeated, on a new stub, if the object was just restarting.
 * @throws {ApexError} `unavailable` if the object fails or does not answer in time.
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
 * @returns the object's 101 answer, with the socket.
 * @throws {ApexError} the error that the object refused with, or `unavailable`.
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
