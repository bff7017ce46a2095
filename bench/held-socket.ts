/** A socket that is only held: upgraded by hand, so that it asks for compression or not. */
import { once } from "node:events";
import { request } from "node:http";
import { Socket } from "node:net";

const DEADLINE_MS = 30_000;
/** A close without a code, masked by zeros (RFC 6455, 5.5.1). */
const CLOSE_FRAME = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

export const DEFLATE = "permessage-deflate";

/**
 * Opens a socket that nobody reads closely.
 * @param headers beyond those of the upgrade itself.
 * @param extension of the protocol, as browsers ask for it; none leaves frames as they are.
 * @returns it, once the server has accepted it.
 * @throws where it does not, or not in time.
 */
export async function holdSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  extension: typeof DEFLATE | null = null,
): Promise<Socket> {
  const upgrade = request(url, {
    headers: {
      ...headers,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString(
        "base64",
      ),
      ...(extension !== null && { "sec-websocket-extensions": extension }),
    },
  });
  upgrade.on("response", ({ statusCode }) => upgrade.destroy(new Error(`It said ${statusCode}.`)));
  upgrade.end();
  const [response, socket] = await once(upgrade, "upgrade", {
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!(socket instanceof Socket)) throw new Error(`There is no socket, but ${response}.`);
  socket.on("error", () => undefined).resume();
  return socket;
}

/** Ends one as a client does that closes, and not as a network that breaks. */
export function letGo(socket: Socket): void {
  socket.end(CLOSE_FRAME);
}
