/** What was said and is not yet with the server: it waits for the connection, and survives a reload. */
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { ApexError } from "../../protocol/errors.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { keptWords, newClientMessageId, type WaitingMessage } from "./kept-words.ts";
import { Turns } from "./turns.ts";
import type { Conversation } from "./use-conversation.ts";
import { useLatest } from "./use-latest.ts";

/** A message that waits, and what may be done to it. */
export interface Outgoing extends WaitingMessage {
  /** Handed to the connection: from then on it cannot be taken back. */
  readonly isSending: boolean;
}

export interface Outbox {
  readonly messages: readonly Outgoing[];
  /** @param replaces the earlier message whose place it takes. */
  say(content: string, replaces: MessageId | null): void;
  /** @param onTaken hears that it was, unless another tab has sent it meanwhile. */
  takeBack(message: WaitingMessage, onTaken: () => void): void;
  sendAgain(message: WaitingMessage): void;
}

type Line = Pick<Conversation, "send" | "isOpen">;

/** @returns the messages of this thread that wait, in their order; they go out as soon as they can. */
export function useOutbox({ send, isOpen }: Line, threadId: ThreadId): Outbox {
  const { user } = useSignedIn();
  const kept = useMemo(() => keptWords(user.id, threadId), [user.id, threadId]);
  const turns = useMemo(
    () => new Turns(`apex-edge.outbox/${user.id}/${threadId}`),
    [user.id, threadId],
  );
  const line = useLatest({ send, isOpen });
  const [waiting, setWaiting] = useState(kept.readWaiting);
  const [sending, setSending] = useState<ReadonlySet<string>>(NONE);
  /** What is on its way, known within one task: nothing is handed over twice. */
  const handed = useRef(new Map<string, Promise<void>>());

  const look = () => setWaiting(kept.readWaiting());
  useEffect(() => kept.subscribe(() => setWaiting(kept.readWaiting())), [kept]);

  async function handOver(message: WaitingMessage): Promise<void> {
    const { id, content, replaces } = message;
    const replacing = replaces && ({ replaces, queueing: "interrupt" } as const);
    try {
      await line.current.send(content, { clientMessageId: id, ...replacing });
      kept.remove(message);
    } catch (error) {
      const { code, message: words, errors, retryAfter, limit, newerCode } = ApexError.from(error);
      // Whether it arrived is not known: it stays, and under its id it is safe to send again.
      if (code === "unavailable") return;
      const why = { code, message: words, errors, retryAfter, limit, newerCode };
      kept.change({ ...message, refusal: { at: Date.now(), ...why } });
    }
  }
  function arrived({ id }: WaitingMessage) {
    handed.current.delete(id);
    setSending(new Set(handed.current.keys()));
    look();
  }

  /** Sends everything that waits, whichever tab it is from, and keeps the turn until all of it has arrived. */
  const flush = () =>
    turns.take(async () => {
      look();
      for (const message of line.current.isOpen ? kept.readWaiting() : []) {
        if (message.refusal !== null || handed.current.has(message.id)) continue;
        const way = handOver(message).finally(() => arrived(message));
        handed.current.set(message.id, way);
      }
      setSending(new Set(handed.current.keys()));
      while (handed.current.size > 0) await Promise.all(handed.current.values());
    });

  const goOut = useEffectEvent(() => void flush());
  useEffect(() => {
    if (isOpen) goOut();
  }, [isOpen]);

  return {
    messages: waiting.map((each) => ({ ...each, isSending: sending.has(each.id) })),
    say(content, replaces) {
      kept.add({ id: newClientMessageId(), content, replaces, refusal: null });
      look();
      if (isOpen) void flush();
    },
    takeBack(message, onTaken) {
      void turns.take(() => {
        if (kept.remove(message)) onTaken();
        look();
      });
    },
    sendAgain(message) {
      kept.change({ ...message, refusal: null });
      look();
      if (isOpen) void flush();
    },
  };
}

const NONE: ReadonlySet<string> = new Set();
