/** Users who talk, each on a beat of their own, and the verdict on all that they were told. */
import { together, type Verdict } from "../chaos/verdict.ts";
import { converse, type Spoken } from "../crowd/converse.ts";
import { join } from "../crowd/member.ts";
import { inTurn, SIGN_IN_EVERY_MS, VERIFY_EVERY_MS } from "../crowd/pace.ts";
import type { Turn } from "../crowd/turn.ts";
import { verify } from "../crowd/verify.ts";
import { type Done, NOTHING_DONE } from "./outcome.ts";
import type { Talk } from "./profiles.ts";
import { type Stage, witnessesOf } from "./stage.ts";

const MINUTE_MS = 60_000;

/**
 * Lets users talk for as long as the profile says. A conversation that grew long is verified at once,
 * while others talk; the last one of each when all have ended, and nothing is timed any more.
 * @param during runs the part that is timed: from the first message to the end of the last.
 */
export async function talk(
  stage: Stage,
  { users, messagesAMinute, minutes }: Talk,
  during: (load: () => Promise<void>) => Promise<void>,
): Promise<Done> {
  const everyMs = MINUTE_MS / messagesAMinute;
  const members = await inTurn(Array(users).fill(null), SIGN_IN_EVERY_MS, () => join(stage.url));
  const others = members.map(({ person }) => person);
  const last: Spoken[] = [];
  const turns: Turn[] = [];
  const verdicts: Verdict[] = [];

  async function check({ conversation, turns: timed }: Spoken): Promise<void> {
    turns.push(...timed);
    verdicts.push(await verify(conversation, witnessesOf(stage, others)));
  }

  await during(async () => {
    const over = AbortSignal.timeout(minutes * MINUTE_MS);
    await Promise.all(
      members.map(async (member, index) => {
        let afterMs = (everyMs * index) / users;
        while (!over.aborted) {
          const spoken = await converse(member, { everyMs, afterMs }, over);
          if (over.aborted) last.push(spoken);
          else await check(spoken);
          afterMs = everyMs;
        }
      }),
    );
  });
  await inTurn(last, VERIFY_EVERY_MS, check);
  for (const member of members) await member.leave();
  return { ...NOTHING_DONE, turns, verified: verdicts.length, violations: together(verdicts) };
}
