/** What the three contenders have in common for their clients: sockets that carry questions and answers. */

/** Where a socket is dialled, from the contender's root. */
export interface Dialling {
  readonly path: string;
  readonly protocols: readonly string[];
}

/** What a frame from the server was to a client. */
export interface Heard {
  /** The text it brought, whether the client had it before or not. */
  readonly text: string;
  /** Whether it says that the turn is over. */
  readonly ended: boolean;
  /** What the client sends back at once, as its protocol has it. */
  readonly reply: string | null;
}

/** A client's part of a protocol and all it remembers; it outlives the socket, as a page does. */
export interface Chat {
  dial(): Dialling;
  /** @returns what it sends as soon as the socket is open; null where that is nothing. */
  greeting(): string | null;
  /** @returns the frame that asks, and begins a new answer. */
  say(question: string): string;
  hear(frame: string): Heard;
  /** Whether the socket may be used: the server has said so, where it says anything. */
  readonly ready: boolean;
  /** The answer as its user sees it now, to the last question or the one that another has asked. */
  readonly answer: string;
}

/** A conversation, at which any number of clients may listen. */
export interface Conversation {
  /** @returns a client that has seen nothing of it yet. */
  newChat(): Chat;
}

/** A contender's own ways; all else is the same for all of them. */
export interface Protocol {
  /** Makes a conversation that is empty, of somebody who has no other one. @param url of the contender. */
  begin(url: string): Promise<Conversation>;
}
