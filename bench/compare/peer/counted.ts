/** The peer with all that it does counted. */
import { countActivity, countCalls, countTimers } from "../../counted/calls.ts";
import { countObject } from "../../counted/storage.ts";
import { answerWork } from "../../counted/work.ts";
import worker, { ChatAgent as Plain } from "./worker.ts";

type PeerEnv = ConstructorParameters<typeof Plain>[1];

countTimers();

export class ChatAgent extends Plain {
  constructor(ctx: DurableObjectState, env: PeerEnv) {
    countObject("ChatAgent", ctx);
    const activity = countActivity("ChatAgent", ctx);
    super(ctx, env);
    // Its router hands requests on, and calls nothing else of it.
    countCalls("ChatAgent", this, activity, []);
  }
}

export default {
  async fetch(request, env) {
    return answerWork(request) ?? (await worker.fetch(request, env));
  },
} satisfies ExportedHandler<PeerEnv>;
