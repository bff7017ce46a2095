/** What a person wrote and the server does not have yet, kept over reloads: drafts and waiting messages. */
import { list, nullable, number, object, text } from "../../client/checks.ts";
import type { ClientMessageId, MessageId, ThreadId } from "../../protocol/ids.ts";
import { MAX_MESSAGE_LENGTH } from "../../protocol/limits.ts";

/** A message on its way: the server takes it once, however often it is sent under its id. */
export interface WaitingMessage {
  readonly id: ClientMessageId;
  readonly content: string;
  /** The earlier message whose place it takes. */
  readonly replaces: MessageId | null;
  /** Why the server did not take it; null while it may. */
  readonly refusal: string | null;
}

interface Kept {
  readonly at: number;
  readonly draft: string;
  readonly waiting: readonly WaitingMessage[];
}

const isWaitingMessage = object<WaitingMessage>({
  id: text,
  content: text,
  replaces: nullable(text<MessageId>),
  refusal: nullable(text),
});
const isKept = object<Kept>({ at: number, draft: text, waiting: list(isWaitingMessage) });

const ROOM = "apex-edge.words";
/** Threads whose words are kept for a user; past it those written to least recently are forgotten. */
export const MAX_KEPT_THREADS = 50;
/** A draft may be longer than a message, so that it can be shortened; not without end. */
const MAX_DRAFT_LENGTH = 2 * MAX_MESSAGE_LENGTH;
/** As many as the SDK lets wait at once. */
const MAX_WAITING = 100;

/** The words for one thread, or for the one that is yet to begin. */
export interface KeptWords {
  readDraft(): string;
  keepDraft(draft: string): void;
  readWaiting(): readonly WaitingMessage[];
  /** Changes what waits, as every tab left it. @returns what waits now. */
  changeWaiting(
    change: (waiting: readonly WaitingMessage[]) => readonly WaitingMessage[],
  ): readonly WaitingMessage[];
  /** Calls back when another tab has changed them; the result ends that. */
  subscribe(changed: () => void): () => void;
}

/** @param threadId null for a thread that is yet to begin. */
export function keptWords(userId: string, threadId: ThreadId | null): KeptWords {
  const key = `${roomOf(userId)}${threadId ?? ""}`;
  /** What a storage that is full or forbidden did not take; the open page works on with it. */
  let unwritten: Kept | null = null;
  const current = () => unwritten ?? read(key);
  function change(part: Partial<Kept>): void {
    const kept = { ...current(), ...part, at: Date.now() };
    unwritten = write(userId, key, kept) ? null : kept;
  }
  return {
    readDraft: () => current().draft,
    keepDraft: (draft) => change({ draft: draft.slice(0, MAX_DRAFT_LENGTH) }),
    readWaiting: () => current().waiting,
    changeWaiting(changeOf) {
      const waiting = changeOf(current().waiting).slice(0, MAX_WAITING);
      change({ waiting });
      return waiting;
    },
    subscribe(changed) {
      const hear = (event: StorageEvent) => {
        if (event.key === key || event.key === null) changed();
      };
      addEventListener("storage", hear);
      return () => removeEventListener("storage", hear);
    },
  };
}

/** Forgets every word of a user: for who logs out, perhaps on a shared machine. */
export function forgetWords(userId: string): void {
  for (const key of keysOf(userId)) localStorage.removeItem(key);
}

/** @returns an id for a message that is to wait. */
export function newClientMessageId(): ClientMessageId {
  // Not randomUUID: it is missing from pages that are not served over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id: unknown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!text<ClientMessageId>(id)) throw new TypeError("An id is a text.");
  return id;
}

function roomOf(userId: string): string {
  return `${ROOM}.${encodeURIComponent(userId)}.`;
}

function keysOf(userId: string): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(roomOf(userId)));
}

function read(key: string): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (isKept(kept)) return kept;
  } catch {
    // What is no JSON is nothing that was kept here.
  }
  return { at: 0, draft: "", waiting: [] };
}

/** @returns whether the storage took it. */
function write(userId: string, key: string, kept: Kept): boolean {
  try {
    if (kept.draft === "" && kept.waiting.length === 0) localStorage.removeItem(key);
    else {
      if (localStorage.getItem(key) === null) makeRoom(userId);
      localStorage.setItem(key, JSON.stringify(kept));
    }
    return true;
  } catch {
    return false;
  }
}

/** Old drafts go first: a message that waits was promised to go out. */
function makeRoom(userId: string): void {
  const kept = keysOf(userId).map((key) => ({ key, ...read(key) }));
  const tooMany = Math.max(0, kept.length - MAX_KEPT_THREADS + 1);
  const inOrder = kept.toSorted(
    (a, b) => Number(a.waiting.length > 0) - Number(b.waiting.length > 0) || a.at - b.at,
  );
  for (const { key } of inOrder.slice(0, tooMany)) localStorage.removeItem(key);
}
