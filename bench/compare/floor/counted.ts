/** The floor with its writes counted: it is to have none. */
import { answerWritten, countObject } from "../written-rows.ts";
import worker, { Relay as Plain } from "./worker.ts";

export class Relay extends Plain {
  constructor(ctx: DurableObjectState, env: ConstructorParameters<typeof Plain>[1]) {
    countObject("Relay", ctx);
    super(ctx, env);
  }
}

export default {
  fetch: (request, env) => answerWritten(request) ?? worker.fetch(request, env),
} satisfies ExportedHandler<ConstructorParameters<typeof Plain>[1]>;
