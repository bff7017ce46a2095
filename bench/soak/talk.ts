/** Steady talk, through cuts of the network, of users who come and go; each conversation is verified as it ends. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../chaos/random.ts";
import { together, type Verdict } from "../chaos/verdict.ts";
import { converse, MOST_MESSAGES } from "../crowd/converse.ts";
import { joinByProxy, type Member } from "../crowd/member.ts";
import { inTurn, SIGN_IN_EVERY_MS } from "../crowd/pace.ts";
import { failureOf } from "../crowd/turn.ts";
import { verify } from "../crowd/verify.ts";
import type { Stage } from "./stage.ts";

export interface SoakOptions {
  /** How many talk at a time. */
  readonly users: number;
  /** Whether they stay for all of it, or leave after a conversation, each for somebody new. */
  readonly stay: boolean;
  /** Between two messages of one user, in milliseconds. */
  readonly everyMs: number;
  /** The share of messages after which the socket is cut. */
  readonly cutShare: number;
}

export interface Talk {
  readonly turns: number;
  readonly failedTurns: number;
  /** Why turns came to nothing, each once. */
  readonly failures: readonly string[];
  readonly cuts: number;
  readonly verified: number;
  readonly violations: Verdict;
}

/** A cut comes while its turn is under way, or shortly after it, in milliseconds. */
const LATEST_CUT_MS = 1_500;

/** Lets users talk until told to stop. @returns what came of it. */
export async function soak(
  stage: Stage,
  { users, stay, everyMs, cutShare }: SoakOptions,
  random: Random,
  stopping: AbortSignal,
): Promise<Talk> {
  const { url, stateDirectory } = stage;
  const present = await inTurn(Array(users).fill(null), SIGN_IN_EVERY_MS, () => joinByProxy(url));
  const verdicts: Verdict[] = [];
  const failures = new Set<string>();
  let [turns, failedTurns, cuts] = [0, 0, 0];

  async function talk(first: Member, seat: number): Promise<void> {
    const chance = random.branch(`member ${seat}`);
    const cutAfter = (): number | null => {
      if (!chance.chance(cutShare)) return null;
      cuts += 1;
      return chance.between(0, LATEST_CUT_MS);
    };
    let member = first;
    // They leave one after the other, and not all at once.
    let afterMs = (everyMs * MOST_MESSAGES * seat) / users;
    while (!stopping.aborted) {
      const spoken = await converse(member, { everyMs, afterMs, cutAfter }, stopping);
      await sleep(LATEST_CUT_MS);
      const others = present.map(({ person }) => person);
      verdicts.push(
        await verify(spoken.conversation, { url, stateDirectory, others, isOver: false }),
      );
      turns += spoken.turns.length;
      for (const failure of spoken.turns.map(failureOf)) {
        if (failure === null) continue;
        failedTurns += 1;
        failures.add(failure);
      }
      if (!stay) {
        await member.leave();
        member = await joinByProxy(url);
        present[seat] = member;
      }
      afterMs = 0;
    }
    await member.leave();
  }

  await Promise.all(present.map(talk));
  const violations = together(verdicts);
  return {
    turns,
    failedTurns,
    failures: [...failures],
    cuts,
    verified: verdicts.length,
    violations,
  };
}
