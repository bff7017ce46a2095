/**
 * The product with a state that fails by chance: queries are lost, refused, late, or carried out and
 * said to have failed; objects lose their memory in the middle of what they do. It is told how much
 * of that at {@link FAULTS_PATH}, and tells there what it has done.
 */
import { Account as PlainAccount } from "../../src/account/account-object.ts";
import worker from "../../src/index.ts";
import { Thread as PlainThread } from "../../src/thread/thread-object.ts";
import { FAULTS_PATH, type StruckState } from "./state-control.ts";
import { drawStateFates, NO_FAULTS, SAID, StateFaults } from "./state-faults.ts";

export { Organization } from "../../src/account/organization-object.ts";
export { Breakers } from "../../src/durable/breakers-object.ts";
export { Metrics } from "../../src/durable/metrics-object.ts";

/**
 * What a session is renewed by: a token serves once, so that by design it ends where the answer to its
 * renewal is lost. That is no fault of the state that could be withstood.
 */
const RENEWAL = /\b(?:sessions|refresh_tokens)\b/;

const struck: StruckState = { queries: 0, lives: 0 };
const hurt = new WeakSet<object>();
let fates = drawStateFates(NO_FAULTS);

async function queryWith<Answer>(sql: string, query: () => Promise<Answer>): Promise<Answer> {
  const fault = RENEWAL.test(sql) ? null : fates.query();
  if (fault === null) return await query();
  struck.queries += 1;
  if (fault === "late") await new Promise((resolve) => setTimeout(resolve, fates.delay()));
  if (fault === "late") return await query();
  if (fault === "committed") await query();
  throw new Error(SAID[fault]);
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
    value: (...given: readonly unknown[]) =>
      queryWith(
        String(given[1]),
        async (): Promise<unknown> => Reflect.apply(send, session, given),
      ),
  });
}

function hurtNamespace(namespace: KVNamespace): void {
  if (hurt.has(namespace)) return;
  hurt.add(namespace);
  for (const name of ["get", "put"] as const) {
    const ask = namespace[name];
    Object.defineProperty(namespace, name, {
      value: (...given: readonly unknown[]) =>
        queryWith("", async (): Promise<unknown> => Reflect.apply(ask, namespace, given)),
    });
  }
}

function hurtBindings({ DB, CACHE }: Cloudflare.Env): void {
  hurtDatabase(DB);
  hurtNamespace(CACHE);
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
