/** What a connection must know of its frames beside their schemas, and so without zod. */
import type { LoggedEvent, ServerFrame } from "./events.ts";

/** The neutral subprotocol a client offers beside its token, and the server answers with. */
export const SUBPROTOCOL = "apex-edge";

/** The one ping frame, byte for byte; any other spelling wakes the object. */
export const PING_FRAME = '{"type":"ping"}';
/** The platform's answer to {@link PING_FRAME}. */
export const PONG_FRAME = '{"type":"pong"}';

/** @returns whether a frame has a place in the thread's log. */
export function isLogged(frame: ServerFrame): frame is LoggedEvent {
  return "seq" in frame && frame.seq !== null;
}
