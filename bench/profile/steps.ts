/** The steps of a turn as they are seen from outside: by who asks, and by the model that is asked. */
import type { Chat } from "../compare/chat.ts";
import type { Name } from "../compare/contender.ts";
import { openLine } from "../compare/line.ts";
import type { ScriptedModel } from "../compare/model.ts";

/** In milliseconds. */
export interface Steps {
  /** From the question until the model has it whole. */
  readonly toModel: number;
  /** From there until the first text is with who asked. */
  readonly toText: number;
  /** From there until the end is told. */
  readonly toEnd: number;
}

/** Somebody who asks the same question time and again. */
export interface Asker {
  ask(question: string): Promise<Steps>;
  close(): void;
}

/** @param name by whose key the model is asked. @throws where the model was asked more than once, or not at all. */
export async function openAsker(
  url: string,
  chat: Chat,
  model: ScriptedModel,
  name: Name,
): Promise<Asker> {
  const line = await openLine(url, chat);
  return {
    async ask(question) {
      await model.forget(name);
      const askedAt = performance.timeOrigin + performance.now();
      const { firstTextMs, endMs } = await line.say(question);
      const [at, ...others] = await model.askedAt(name);
      if (at === undefined || others.length > 0) throw new Error(`${name} asked again, or never.`);
      const toModel = at - askedAt;
      return { toModel, toText: firstTextMs - toModel, toEnd: endMs - firstTextMs };
    },
    close: () => line.close(),
  };
}
