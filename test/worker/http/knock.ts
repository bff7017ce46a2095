/** Asking for a socket, with no credential but those a test gives. */
import { type Asked, ask } from "./ask.ts";

export function knock(path: string, asked: Asked = {}): Promise<Response> {
  return ask(path, { ...asked, headers: { upgrade: "websocket", ...asked.headers } });
}
