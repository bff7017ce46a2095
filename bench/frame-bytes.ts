/** What a WebSocket frame takes on the wire, before any compression. */

/** @returns the bytes of a text frame, from the server or a client (RFC 6455, 5.2). */
export function frameBytes(text: string, from: "server" | "client" = "server"): number {
  const payload = Buffer.byteLength(text);
  const mask = from === "client" ? 4 : 0;
  return payload + mask + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
}
