/** An object's frames as a stream of values: one more socket at the object, read by the Worker. */
import type * as z from "zod";
import { Ack } from "../protocol/commands.ts";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.ts";

/** A reader this far behind is let go, in UTF-16 code units; it resumes by the last frame it had. */
const MAX_BEHIND = 1024 * 1024;
/** The object is told that it is read at the first event after so much, in UTF-16 code units. */
const ACK_INTERVAL = 64 * 1024;
/**
 * The object hears this often, in milliseconds, that it is read. The Worker ends without a word when its
 * client leaves: nothing else would tell the object that nobody reads any more.
 */
const PING_INTERVAL_MS = 15_000;

/** A frame as far as its way must know it: one with a seq has a place that can be resumed after. */
export interface AnyFrame {
  readonly type: string;
  readonly seq?: number | null;
}

/** A frame, and how long it was on the wire: what waits to be read is bounded by that. */
export interface Heard<Frame extends AnyFrame> {
  readonly frame: Frame;
  readonly length: number;
}

/**
 * @param upgrade the object's 101, with a socket that has not been read yet.
 * @returns its frames, in order. The stream ends when the connection does, or when its reader falls too far
 *   behind; to cancel it ends the connection.
 */
export function framesOf<Frame extends AnyFrame>(
  { webSocket: socket }: Response,
  schema: z.ZodType<Frame>,
): ReadableStream<Heard<Frame>> {
  if (socket === null) throw new Error("An upgrade was answered without a socket.");
  const over = new AbortController();
  const { signal } = over;
  let unacknowledged = 0;
  let pinging: ReturnType<typeof setInterval> | undefined;

  /** From here on nothing is heard: the socket may still bring frames that nobody can take. */
  function stop(): void {
    over.abort();
    clearInterval(pinging);
    socket?.close(1000, "The stream has ended");
  }

  function acknowledge({ seq }: Frame, length: number): void {
    unacknowledged += length;
    if (typeof seq !== "number" || unacknowledged < ACK_INTERVAL) return;
    unacknowledged = 0;
    socket?.send(JSON.stringify(Ack.parse({ type: "ack", seq })));
  }

  return new ReadableStream<Heard<Frame>>(
    {
      start(controller) {
        const end = () => {
          stop();
          controller.close();
        };
        const hear = ({ data }: MessageEvent) => {
          const text = String(data);
          if (text === PONG_FRAME) return;
          const frame = schema.parse(JSON.parse(text));
          acknowledge(frame, text.length);
          controller.enqueue({ frame, length: text.length });
          if ((controller.desiredSize ?? 0) <= 0) end();
        };
        socket.addEventListener("message", hear, { signal });
        socket.addEventListener("close", end, { signal });
        socket.addEventListener("error", end, { signal });
        socket.accept();
        socket.send(PING_FRAME);
        pinging = setInterval(() => socket.send(PING_FRAME), PING_INTERVAL_MS);
      },
      cancel: stop,
    },
    { highWaterMark: MAX_BEHIND, size: ({ length }) => length },
  );
}
