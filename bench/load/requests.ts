/** Plain requests: of many users at once a few each, one after the other; and many of one at once. */
import type { Person } from "../../test/e2e/person.ts";
import { join } from "../crowd/member.ts";
import { inTurn, SIGN_IN_EVERY_MS } from "../crowd/pace.ts";
import { type Attempted, type Done, NOTHING_DONE } from "./outcome.ts";
import type { Requests } from "./profiles.ts";
import type { Stage } from "./stage.ts";

/** What a page asks when it opens, in this order. */
const PATHS = ["/api/auth/me", "/api/threads", "/api/agents", "/api/messages"];

/** @param during runs the part that is timed. */
export async function requests(
  { url }: Stage,
  { users, requestsAUser, rapid, rounds }: Requests,
  during: (load: () => Promise<void>) => Promise<void>,
): Promise<Done> {
  const members = await inTurn(Array(users).fill(null), SIGN_IN_EVERY_MS, () => join(url));
  const attempts: Attempted[] = [];
  await during(async () => {
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        members.map(async ({ person }) => {
          for (let number = 0; number < requestsAUser; number += 1) {
            attempts.push(await ask(person, number));
          }
        }),
      );
      const [one] = members;
      if (one === undefined) continue;
      const at = Array.from({ length: rapid }, (_, number) => ask(one.person, number));
      attempts.push(...(await Promise.all(at)));
    }
  });
  return { ...NOTHING_DONE, requests: attempts };
}

async function ask(person: Person, number: number): Promise<Attempted> {
  const at = performance.now();
  const path = PATHS[number % PATHS.length] ?? "/";
  const failure = await fetched(person, path).catch(String);
  return { at, tookMs: performance.now() - at, failure };
}

/** @returns why it failed; null where it did not. */
async function fetched(person: Person, path: string): Promise<string | null> {
  const response = await person.request("GET", path);
  await response.arrayBuffer();
  return response.ok ? null : `${path} was answered with ${response.status}`;
}
