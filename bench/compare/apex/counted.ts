/** Apex Edge with the writes of all its objects and of D1 counted. */

import { Account as PlainAccount } from "../../../src/account/account-object.ts";
import { Organization as PlainOrganization } from "../../../src/account/organization-object.ts";
import { Breakers as PlainBreakers } from "../../../src/durable/breakers-object.ts";
import worker from "../../../src/index.ts";
import { Thread as PlainThread } from "../../../src/thread/thread-object.ts";
import { answerWritten, countDatabase, countObject } from "../written-rows.ts";

function count(className: string, ctx: DurableObjectState, env: Cloudflare.Env): void {
  countObject(className, ctx);
  countDatabase(env.DB);
}

export class Thread extends PlainThread {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    count("Thread", ctx, env);
    super(ctx, env);
  }
}

export class Account extends PlainAccount {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    count("Account", ctx, env);
    super(ctx, env);
  }
}

export class Organization extends PlainOrganization {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    count("Organization", ctx, env);
    super(ctx, env);
  }
}

export class Breakers extends PlainBreakers {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    count("Breakers", ctx, env);
    super(ctx, env);
  }
}

export default {
  async fetch(request, env, ctx) {
    countDatabase(env.DB);
    return answerWritten(request) ?? (await worker.fetch(request, env, ctx));
  },
} satisfies ExportedHandler<Cloudflare.Env>;
