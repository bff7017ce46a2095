/** Asks the product as a user does, in a thread of its own, and keeps all that its run told. */
import type { ApexClient, LoggedEvent } from "../../src/client/index.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import { knowsEnd, openTab, type Tab } from "../chaos/tab.ts";

/** A run takes seconds; past this it is not waited for, in milliseconds. */
const PATIENCE_MS = 240_000;

/** @returns the events of the run that answers the last of the turns. */
export async function ask(
  client: ApexClient,
  turns: readonly string[],
): Promise<readonly LoggedEvent[]> {
  const tab = openTab(client, null);
  try {
    let events: readonly LoggedEvent[] = [];
    for (const turn of turns) events = await say(tab, turn);
    return events;
  } finally {
    tab.connection.close();
  }
}

async function say(tab: Tab, content: string): Promise<readonly LoggedEvent[]> {
  const accepted = await tab.connection.send(content);
  await tab.until(() => knowsEnd(tab, accepted), AbortSignal.timeout(PATIENCE_MS));
  return tab.frames.filter(isLogged).filter(({ context }) => context.run_id === accepted.run_id);
}
