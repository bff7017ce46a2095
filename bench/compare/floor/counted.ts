/** The floor with all that it does counted: it is to write nothing. */
import { countActivity, countCalls, countTimers } from "../../counted/calls.ts";
import { countObject } from "../../counted/storage.ts";
import { answerWork } from "../../counted/work.ts";
import worker, { Relay as Plain } from "./worker.ts";

export { FloorAccount, PromisingRelay } from "./worker.ts";

countTimers();

export class Relay extends Plain {
  constructor(ctx: DurableObjectState, env: ConstructorParameters<typeof Plain>[1]) {
    countObject("Relay", ctx);
    const activity = countActivity("Relay", ctx);
    super(ctx, env);
    countCalls("Relay", this, activity, []);
  }
}

export default {
  fetch: (request, env) => answerWork(request) ?? worker.fetch(request, env),
} satisfies ExportedHandler<ConstructorParameters<typeof Plain>[1]>;
