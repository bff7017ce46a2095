/**
 * The product with a state that fails by chance: what D1, KV and other objects are asked is lost, refused, late, or
 * carried out and said to have failed; objects lose their memory in the middle of what they do. It is told how much
 * of that at {@link FAULTS_PATH}, and tells there what it has done.
 */
import { Account as PlainAccount } from "../../src/account/account-object.ts";
import worker from "../../src/index.ts";
import { Thread as PlainThread } from "../../src/thread/thread-object.ts";
import { FAULTS_PATH, NOTHING_STRUCK } from "./state-control.ts";
import { type Asked, drawStateFates, failureOf, NO_FAULTS, StateFaults } from "./state-faults.ts";

export { Organization } from "../../src/account/organization-object.ts";
export { Breakers } from "../../src/durable/breakers-object.ts";
export { Metrics } from "../../src/durable/metrics-object.ts";

const struck = { ...NOTHING_STRUCK };
const hurt = new WeakSet<object>();
let fates = drawStateFates(NO_FAULTS);

/** Asks as chance will have it. */
async function askBy<Answer>(asked: Asked, ask: () => Promise<Answer>): Promise<Answer> {
  const fault = fates.fault(asked);
  if (fault === null) return await ask();
  struck[asked] += 1;
  if (fault === "late") await new Promise((resolve) => setTimeout(resolve, fates.delay()));
  if (fault === "late") return await ask();
  if (fault === "committed") await ask();
  throw failureOf(asked, fault);
}

/** All queries pass one method of the binding's own. */
function hurtDatabase(database: D1Database): void {
  if (hurt.has(database)) return;
  hurt.add(database);
  const session: unknown = Reflect.get(database, "alwaysPrimarySession") ?? database;
  if (typeof session !== "object" || session === null) throw new Error("D1 has no session.");
  const send: unknown = Reflect.get(session, "_sendOrThrow");
  if (typeof send !== "function") throw new Error("D1 sends its queries another way.");
  Object.defineProperty(session, "_sendOrThrow", {
    value: (...given: readonly unknown[]) => {
      return askBy("queries", async (): Promise<unknown> => Reflect.apply(send, session, given));
    },
  });
}

function hurtCache(cache: KVNamespace): void {
  if (hurt.has(cache)) return;
  hurt.add(cache);
  for (const name of ["get", "put", "list", "delete"] as const) {
    const ask = cache[name];
    Object.defineProperty(cache, name, {
      value: (...given: readonly unknown[]) =>
        askBy("cache", async (): Promise<unknown> => Reflect.apply(ask, cache, given)),
    });
  }
}

/** Every way to an object begins with its name. */
function hurtReach(objects: DurableObjectNamespace): void {
  if (hurt.has(objects)) return;
  hurt.add(objects);
  const { getByName } = objects;
  Object.defineProperty(objects, "getByName", {
    value: (...given: Parameters<typeof getByName>) =>
      hurtCalls(Reflect.apply(getByName, objects, given)),
  });
}

/** Sockets have a network of their own that fails: what opens them passes. */
function hurtCalls<Stub extends object>(stub: Stub): Stub {
  return new Proxy(stub, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]): unknown => {
        const call = async (): Promise<unknown> => Reflect.apply(member, target, given);
        return name === "fetch" ? call() : askBy("calls", call);
      };
    },
  });
}

function hurtBindings({ DB, CACHE, ACCOUNTS, THREADS, BREAKERS, METRICS }: Cloudflare.Env): void {
  hurtDatabase(DB);
  hurtCache(CACHE);
  for (const objects of [ACCOUNTS, THREADS, BREAKERS, METRICS]) hurtReach(objects);
}

/** Ends a life of an object by chance: what it held in memory is gone, and its sockets close. */
function endByChance(ctx: DurableObjectState): void {
  const afterMs = fates.death();
  if (afterMs === null) return;
  setTimeout(() => {
    struck.lives += 1;
    ctx.abort("Its life was ended by chance.");
  }, afterMs);
}

export class Thread extends PlainThread {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    hurtBindings(env);
    super(ctx, env);
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    endByChance(this.ctx);
    await super.webSocketMessage(socket, frame);
  }
}

export class Account extends PlainAccount {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    hurtBindings(env);
    super(ctx, env);
  }

  /** What a thread asks before each message: an account that is gone then must not be missed. */
  override async reserve(...given: Parameters<PlainAccount["reserve"]>) {
    endByChance(this.ctx);
    return await super.reserve(...given);
  }
}

export default {
  async fetch(request, env, ctx) {
    hurtBindings(env);
    if (new URL(request.url).pathname !== FAULTS_PATH) return await worker.fetch(request, env, ctx);
    if (request.method === "PUT") {
      fates = drawStateFates(StateFaults.parse(await request.json()));
    }
    return Response.json(struck);
  },
} satisfies ExportedHandler<Cloudflare.Env>;
