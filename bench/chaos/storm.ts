/** The storm itself: users talk while the product is killed, its network cut, its model broken and its state hurt; then all is compared. */
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryState } from "../../test/e2e/product.ts";
import { startModelServer } from "../../test/model-server/main.ts";
import { type Evidence, gather } from "./evidence.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import { type Lives, type Outage, startLives } from "./lives.ts";
import type { NetworkFault } from "./network-faults.ts";
import { type Random, seeded } from "./random.ts";
import { settle } from "./settle.ts";
import type { StruckState } from "./state-control.ts";
import { type Conversation, talk } from "./talker.ts";

export interface StormOptions {
  /** Each part's chances come of it; the timing does not. */
  readonly seed: number;
  readonly users: number;
  readonly minutes: number;
  /** The mean time between two kills. */
  readonly killEverySeconds: number;
}

export interface Aftermath {
  readonly conversations: readonly Conversation[];
  readonly evidence: readonly Evidence[];
  /** Who asked for a thread that no client of theirs ever learnt of, each as often. */
  readonly neverThere: readonly string[];
  readonly outages: readonly Outage[];
  readonly failedStarts: number;
  /** What struck between the users and the product, and between the product and its model. */
  readonly userNetwork: readonly NetworkFault[];
  readonly modelNetwork: readonly NetworkFault[];
  readonly modelFaults: number;
  readonly stateFaults: StruckState;
}

/** Of what state is asked, this share is hurt. */
const STATE_HURT = { queries: 0.08, cache: 0.2, calls: 0.08, lives: 0.15 };
/** Of the users' connections, and of those to the model, this share is hurt. */
const USERS_HURT = 0.7;
const MODEL_HURT = 0.15;

/** @param interrupted ends the storm early; what it did so far is compared all the same. */
export async function storm(options: StormOptions, interrupted: AbortSignal): Promise<Aftermath> {
  await using running = new AsyncDisposableStack();
  const random = seeded(options.seed);
  const state = await temporaryState();
  running.defer(() => state.remove());
  const model = await startModelServer();
  running.defer(() => model.close());
  const modelNetwork = await startFaultyProxy(
    model.url,
    random.branch("model network"),
    MODEL_HURT,
  );
  running.defer(() => modelNetwork.close());
  const lives = await startLives({
    stateDirectory: state.path,
    model,
    modelUrl: modelNetwork.url,
    random: random.branch("model"),
  });
  running.defer(() => lives.end());

  const over = new AbortController();
  running.defer(() => over.abort());
  const minutes = AbortSignal.timeout(options.minutes * 60_000);
  const stopping = AbortSignal.any([interrupted, minutes, over.signal]);
  const users = await Promise.all(
    Array.from({ length: options.users }, async (_, index) => {
      const chance = random.branch(`user ${index}`);
      const proxy = await startFaultyProxy(lives.url, chance.branch("network"), USERS_HURT);
      running.defer(() => proxy.close());
      return { proxy, chance };
    }),
  );
  const talking = Promise.all(
    users.map(({ proxy, chance }) =>
      talk({ directUrl: lives.url, faultyUrl: proxy.url, random: chance, stopping }),
    ),
  );
  await lives.hurtState({ ...STATE_HURT, seed: options.seed });
  // Without its users there is no storm; why they are gone is told when they are waited for.
  talking.catch(() => over.abort());
  await kill(lives, random.branch("kills"), options.killEverySeconds, stopping);
  const proxies = users.map(({ proxy }) => proxy);
  await heal([modelNetwork, ...proxies], lives);
  const conversations = (await talking).flat();
  running.defer(() => hangUp(conversations));
  await settle(conversations);

  const evidence: Evidence[] = [];
  const neverThere: string[] = [];
  const witnesses = {
    url: lives.url,
    stateDirectory: state.path,
    others: conversations.map(({ person }) => person),
    isOver: true,
  };
  for (const conversation of conversations) {
    const gathered = await gather(conversation, witnesses);
    if (gathered === null) neverThere.push(conversation.person.email);
    else evidence.push(gathered);
  }
  return {
    conversations,
    evidence,
    neverThere,
    outages: lives.outages,
    failedStarts: lives.failedStarts,
    userNetwork: proxies.flatMap(({ faults }) => faults),
    modelNetwork: modelNetwork.faults,
    modelFaults: lives.modelFaults,
    stateFaults: lives.stateFaults,
  };
}

async function kill(
  lives: Lives,
  random: Random,
  everySeconds: number,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const pause = everySeconds * 1_000 * (0.5 + random.next());
    await sleep(pause, undefined, { signal: stopping }).catch(() => undefined);
    if (!stopping.aborted) await lives.killAndRestart();
  }
}

async function heal(proxies: readonly FaultyProxy[], lives: Lives): Promise<void> {
  for (const proxy of proxies) proxy.heal();
  lives.healModel();
  await lives.healState();
}

function hangUp(conversations: readonly Conversation[]): void {
  for (const { tabs } of conversations) {
    for (const { connection } of tabs) connection.close();
  }
}
