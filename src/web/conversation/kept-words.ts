/** What a person wrote and the server does not have yet, kept over reloads: drafts and waiting messages. */
import { list, nullable, number, object, optional, text } from "../../client/checks.ts";
import { isFieldError, isLimitState } from "../../client/entities.ts";
import type { ErrorCode } from "../../protocol/failures.ts";
import type { ClientMessageId, MessageId, ThreadId } from "../../protocol/ids.ts";
import { MAX_MESSAGE_LENGTH } from "../../protocol/limits.ts";
import type { Failure } from "../problem-words.ts";
import { readRow, removeRow, roomOf, rowKeys, writeRow } from "../stored-rows.ts";

/** Why the server did not take a message, and when it said so, in milliseconds since the Unix epoch. */
export interface Refusal extends Failure {
  readonly at: number;
}

/** A message on its way: the server takes it once, however often it is sent under its id. */
export interface WaitingMessage {
  readonly id: ClientMessageId;
  readonly content: string;
  /** The earlier message whose place it takes. */
  readonly replaces: MessageId | null;
  /** null while the server may take it. */
  readonly refusal: Refusal | null;
}

interface KeptDraft {
  readonly at: number;
  readonly draft: string;
}
/** Each has a separate row, so that one tab does not overwrite what another has just written. */
interface KeptMessage extends WaitingMessage {
  readonly at: number;
}

const isKeptDraft = object<KeptDraft>({ at: number, draft: text });
const isKeptMessage = object<KeptMessage>({
  at: number,
  id: text,
  content: text,
  replaces: nullable(text<MessageId>),
  refusal: nullable(
    object<Refusal>({
      at: number,
      code: text<ErrorCode>,
      message: text,
      errors: list(isFieldError),
      retryAfter: optional(number),
      limit: optional(isLimitState),
      newerCode: optional(text),
    }),
  ),
});

/** Threads whose drafts are kept for a user; past it those written to least recently are forgotten. */
export const MAX_KEPT_DRAFTS = 50;
/** A draft may be longer than a message, so that it can be shortened; not without end. */
const MAX_DRAFT_LENGTH = 2 * MAX_MESSAGE_LENGTH;

/** The words for one thread, or for the one that is yet to begin. */
interface KeptWords {
  readDraft(): string;
  keepDraft(draft: string): void;
  /** What waits in any tab, in the order in which it was said. */
  readWaiting(): readonly WaitingMessage[];
  /** Has one more message wait, after all others. */
  add(message: WaitingMessage): void;
  /** Changes a message, if it waits still. */
  change(message: WaitingMessage): void;
  /** @returns whether the message waited until now. */
  remove(message: WaitingMessage): boolean;
  /** Calls back when another tab has changed what waits; the result ends that. */
  subscribe(changed: () => void): () => void;
}

/** @param threadId null for a thread that is yet to begin. */
export function keptWords(userId: string, threadId: ThreadId | null): KeptWords {
  const thread = encodeURIComponent(threadId ?? "");
  const draftKey = `${roomOf("drafts", userId)}${thread}`;
  const room = `${roomOf("waiting", userId)}${thread}/`;
  const keyOf = ({ id }: WaitingMessage) => `${room}${id}`;
  const rows = () =>
    rowKeys(room)
      .map(readRow)
      .filter(isKeptMessage)
      .toSorted((a, b) => a.at - b.at);
  return {
    readDraft: () => draftOf(draftKey).draft,
    keepDraft(draft) {
      if (draft === "") {
        removeRow(draftKey);
        return;
      }
      if (readRow(draftKey) === undefined) makeRoom(userId);
      writeRow(draftKey, { at: Date.now(), draft: draft.slice(0, MAX_DRAFT_LENGTH) });
    },
    readWaiting: () => rows().map(({ at, ...message }) => message),
    add(message) {
      const last = rows().at(-1)?.at ?? 0;
      writeRow(keyOf(message), { ...message, at: Math.max(Date.now(), last + 1) });
    },
    change(message) {
      const row = readRow(keyOf(message));
      if (isKeptMessage(row)) writeRow(keyOf(message), { ...row, ...message });
    },
    remove(message) {
      const waited = isKeptMessage(readRow(keyOf(message)));
      removeRow(keyOf(message));
      return waited;
    },
    subscribe(changed) {
      const hear = ({ key }: StorageEvent) => {
        if (key === null || key.startsWith(room)) changed();
      };
      addEventListener("storage", hear);
      return () => removeEventListener("storage", hear);
    },
  };
}

/** @returns an id for a message that is to wait. */
export function newClientMessageId(): ClientMessageId {
  // Not randomUUID: it is missing from pages that are not served over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id: unknown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!text<ClientMessageId>(id)) throw new TypeError("An id is a text.");
  return id;
}

function draftOf(key: string): KeptDraft {
  const row = readRow(key);
  return isKeptDraft(row) ? row : { at: 0, draft: "" };
}

/** What waits stays, however much it is: it was promised to go out. */
function makeRoom(userId: string): void {
  const kept = rowKeys(roomOf("drafts", userId)).map((key) => ({ key, at: draftOf(key).at }));
  const tooMany = Math.max(0, kept.length - MAX_KEPT_DRAFTS + 1);
  const oldest = kept.toSorted((a, b) => a.at - b.at).slice(0, tooMany);
  for (const { key } of oldest) removeRow(key);
}
