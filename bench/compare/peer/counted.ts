/** The peer with its writes counted. */
import { answerWritten, countObject } from "../written-rows.ts";
import worker, { ChatAgent as Plain } from "./worker.ts";

type PeerEnv = ConstructorParameters<typeof Plain>[1];

export class ChatAgent extends Plain {
  constructor(ctx: DurableObjectState, env: PeerEnv) {
    countObject("ChatAgent", ctx);
    super(ctx, env);
  }
}

export default {
  async fetch(request, env) {
    return answerWritten(request) ?? (await worker.fetch(request, env));
  },
} satisfies ExportedHandler<PeerEnv>;
