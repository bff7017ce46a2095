/** Many users whose sockets all come within seconds, on an even beat whether or not those before are up. */
import { setTimeout as sleep } from "node:timers/promises";
import { openTab, type Tab } from "../chaos/tab.ts";
import { join, type Member } from "../crowd/member.ts";
import { inTurn, SIGN_IN_EVERY_MS } from "../crowd/pace.ts";
import { type Attempted, type Done, NOTHING_DONE } from "./outcome.ts";
import type { Burst } from "./profiles.ts";
import type { Stage } from "./stage.ts";

const SECOND_MS = 1_000;
/** A socket that takes longer will not come. */
const DEADLINE_MS = 30_000;
/** How long all are held once they are up, before memory is read. */
const HELD_MS = 5_000;

/** @param during runs the part that is timed: from the first dial until all are up. */
export async function burst(
  { url, meter }: Stage,
  { connects, seconds }: Burst,
  during: (load: () => Promise<void>) => Promise<void>,
): Promise<Done> {
  const members = await inTurn(Array(connects).fill(null), SIGN_IN_EVERY_MS, () => join(url));
  const before = meter.sample();
  const tabs: Tab[] = [];
  let attempts: Attempted[] = [];
  await during(async () => {
    attempts = await Promise.all(
      members.map(async (member, index) => {
        await sleep((index / connects) * seconds * SECOND_MS);
        return await dial(member, tabs);
      }),
    );
  });
  await sleep(HELD_MS);
  const after = meter.sample();
  for (const { connection } of tabs) connection.close();
  const bytes = before && after && after.residentBytes - before.residentBytes;
  const open = attempts.filter(({ failure }) => failure === null).length;
  const bytesAConnection = bytes === null || open === 0 ? null : bytes / open;
  return { ...NOTHING_DONE, connects: attempts, bytesAConnection };
}

async function dial({ client, person }: Member, tabs: Tab[]): Promise<Attempted> {
  const at = performance.now();
  const tab = openTab(client, null);
  tabs.push(tab);
  const isUp = () => tab.connection.view.threadId !== null;
  await tab.until(() => isUp() || tab.connection.error !== null, AbortSignal.timeout(DEADLINE_MS));
  const tookMs = performance.now() - at;
  const { id } = person.credentials.user;
  const own = tab.frames.every((frame) => !("context" in frame) || frame.context.user_id === id);
  if (isUp() && own) return { at, tookMs, failure: null };
  const { error } = tab.connection;
  const why = error === null ? `it was not ready within ${DEADLINE_MS} ms` : String(error);
  return { at, tookMs, failure: isUp() ? "it was told of another user" : why };
}
