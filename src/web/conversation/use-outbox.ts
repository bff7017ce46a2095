/** What was said and is not yet with the server: it waits for the connection, and survives a reload. */
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { ApexError } from "../../protocol/errors.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { keptWords, newClientMessageId, type WaitingMessage } from "./kept-words.ts";
import type { Conversation } from "./use-conversation.ts";

/** A message that waits, and what may be done to it. */
export interface Outgoing extends WaitingMessage {
  /** Handed to the connection: from then on it cannot be taken back. */
  readonly isSending: boolean;
}

export interface Outbox {
  readonly messages: readonly Outgoing[];
  /** @param replaces the earlier message whose place it takes. */
  say(content: string, replaces: MessageId | null): void;
  takeBack(message: WaitingMessage): void;
  sendAgain(message: WaitingMessage): void;
}

type Line = Pick<Conversation, "send" | "isOpen">;

/** @returns the messages of this thread that wait, in their order; they go out as soon as they can. */
export function useOutbox({ send, isOpen }: Line, threadId: ThreadId): Outbox {
  const { user } = useSignedIn();
  const kept = useMemo(() => keptWords(user.id, threadId), [user.id, threadId]);
  const [waiting, setWaiting] = useState(kept.readWaiting);
  const [sending, setSending] = useState<ReadonlySet<string>>(NONE);
  /** As `sending`, but known within one task: nothing is handed over twice. */
  const handed = useRef(new Set<string>());

  // What another tab has said is that tab's to send, unless it still waits when the line opens.
  useEffect(() => kept.subscribe(() => setWaiting(kept.readWaiting())), [kept]);

  const change = (changeOf: Parameters<typeof kept.changeWaiting>[0]) =>
    setWaiting(kept.changeWaiting(changeOf));
  const replaceBy = (message: WaitingMessage, ...others: readonly WaitingMessage[]) =>
    change((all) => all.flatMap((each) => (each.id === message.id ? others : [each])));

  async function handOver(message: WaitingMessage): Promise<void> {
    const { id, content, replaces } = message;
    const replacing = replaces && ({ replaces, queueing: "interrupt" } as const);
    handed.current.add(id);
    setSending(new Set(handed.current));
    try {
      await send(content, { clientMessageId: id, ...replacing });
      replaceBy(message);
    } catch (error) {
      const { code, message: refusal } = ApexError.from(error);
      // Whether it arrived is not known: it stays, and under its id it is safe to send again.
      if (code !== "unavailable") replaceBy(message, { ...message, refusal });
    } finally {
      handed.current.delete(id);
      setSending(new Set(handed.current));
    }
  }

  const flush = useEffectEvent(() => {
    for (const message of waiting) {
      if (message.refusal === null && !handed.current.has(message.id)) void handOver(message);
    }
  });
  useEffect(() => {
    if (isOpen) flush();
  }, [isOpen]);

  return {
    messages: waiting.map((each) => ({ ...each, isSending: sending.has(each.id) })),
    say(content, replaces) {
      const message = { id: newClientMessageId(), content, replaces, refusal: null };
      change((all) => [...all, message]);
      if (isOpen) void handOver(message);
    },
    takeBack: (message) => replaceBy(message),
    sendAgain(message) {
      const again = { ...message, refusal: null };
      replaceBy(message, again);
      if (isOpen) void handOver(again);
    },
  };
}

const NONE: ReadonlySet<string> = new Set();
