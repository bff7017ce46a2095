/** Reads the frames of a Durable Object as a stream of values, over a socket between the Worker and the object. */
import type * as z from "zod";
import { Ack } from "../protocol/commands.ts";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.ts";

/** How far a client may lag behind, in UTF-16 code units. Past it the stream ends, and the client can resume. */
const MAX_BEHIND = 1024 * 1024;
/** After how much text the next event is acknowledged to the object, in UTF-16 code units. */
const ACK_INTERVAL = 64 * 1024;
/**
 * How often the object is sent a ping, in milliseconds. When the client disconnects, the platform may end the
 * Worker without closing the socket: missing pings are then the only sign of it.
 */
const PING_INTERVAL_MS = 15_000;

/** What this file needs to know of a frame. One with a `seq` is an event that clients can resume after. */
export interface AnyFrame {
  readonly type: string;
  readonly seq?: number | null;
}

/** A frame, and the JSON that the object sent. An object of a newer version may say more there than is known here. */
export interface Heard<Frame extends AnyFrame> {
  readonly frame: Frame;
  readonly text: string;
}

/**
 * @param upgrade the object's answer, with a socket that nobody has read from yet.
 * @returns its frames, in order. The stream ends with the connection, or when its reader lags too far behind.
 *   Cancelling it closes the connection.
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

  /** Stops listening first: frames that still arrive could not be delivered to a closed stream. */
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
          controller.enqueue({ frame, text });
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
    { highWaterMark: MAX_BEHIND, size: ({ text }) => text.length },
  );
}
