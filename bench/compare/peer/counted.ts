/** The peer with all that it does counted. */
import { countActivity, countCalls, countTimers } from "../../counted/calls.ts";
import { countObject } from "../../counted/storage.ts";
import { answerWork } from "../../counted/work.ts";
import worker, { ChatAgent as Plain } from "./worker.ts";

type PeerEnv = ConstructorParameters<typeof Plain>[1];

/** What its router calls of it before it hands a request on; what it offers others is not asked here. */
const CALLS = ["setName", "_initAndFetch"];

countTimers();

export class ChatAgent extends Plain {
  constructor(ctx: DurableObjectState, env: PeerEnv) {
    countObject("ChatAgent", ctx);
    const activity = countActivity("ChatAgent", ctx);
    super(ctx, env);
    countCalls("ChatAgent", this, activity, CALLS);
  }
}

export default {
  async fetch(request, env) {
    return answerWork(request) ?? (await worker.fetch(request, env));
  },
} satisfies ExportedHandler<PeerEnv>;
