/** Apex Edge with all that its Worker, its objects, D1 and KV do counted. */
import { Account as PlainAccount } from "../../../src/account/account-object.ts";
import { Organization as PlainOrganization } from "../../../src/account/organization-object.ts";
import { Breakers as PlainBreakers } from "../../../src/durable/breakers-object.ts";
import { Metrics as PlainMetrics } from "../../../src/durable/metrics-object.ts";
import worker from "../../../src/index.ts";
import { Thread as PlainThread } from "../../../src/thread/thread-object.ts";
import { callsOf, countActivity, countCalls, countTimers } from "../../counted/calls.ts";
import { countDatabase, countNamespace, countObject } from "../../counted/storage.ts";
import { answerWork } from "../../counted/work.ts";

countTimers();

function count(className: string, ctx: DurableObjectState, env: Cloudflare.Env) {
  countObject(className, ctx);
  countBindings(env);
  return countActivity(className, ctx);
}

function countBindings({ DB, CACHE }: Cloudflare.Env): void {
  countDatabase(DB);
  countNamespace(CACHE);
}

export class Thread extends PlainThread {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const activity = count("Thread", ctx, env);
    super(ctx, env);
    countCalls("Thread", this, activity, callsOf(PlainThread));
  }
}

export class Account extends PlainAccount {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const activity = count("Account", ctx, env);
    super(ctx, env);
    countCalls("Account", this, activity, callsOf(PlainAccount));
  }
}

export class Organization extends PlainOrganization {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const activity = count("Organization", ctx, env);
    super(ctx, env);
    countCalls("Organization", this, activity, callsOf(PlainOrganization));
  }
}

export class Breakers extends PlainBreakers {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const activity = count("Breakers", ctx, env);
    super(ctx, env);
    countCalls("Breakers", this, activity, callsOf(PlainBreakers));
  }
}

export class Metrics extends PlainMetrics {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const activity = count("Metrics", ctx, env);
    super(ctx, env);
    countCalls("Metrics", this, activity, callsOf(PlainMetrics));
  }
}

export default {
  async fetch(request, env, ctx) {
    countBindings(env);
    return answerWork(request) ?? (await worker.fetch(request, env, ctx));
  },
} satisfies ExportedHandler<Cloudflare.Env>;
