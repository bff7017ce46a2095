/** An object's frames as server-sent events: one more socket at the object, read by the Worker. */
import type { Context } from "hono";
import type * as z from "zod";
import { Ack } from "../protocol/commands.ts";
import type { Epoch } from "../protocol/ids.ts";
import { formatServerSentEvent, SSE_HEARTBEAT } from "../protocol/sse.ts";

/** Proxies close a stream that is silent; they wait for half a minute at least. */
const HEARTBEAT_MS = 15_000;
/** A client this far behind is let go, in bytes; it resumes by its last event id. */
const MAX_BEHIND = 1024 * 1024;
/** The object is told that it is read at the first event after so much, in UTF-16 code units. */
const ACK_INTERVAL = 64 * 1024;

/** A frame as far as a stream must know it: one with a seq has a place that can be resumed after. */
interface AnyFrame {
  readonly type: string;
  readonly seq?: number | null;
}

/** What to do with a frame: tell it or not, and whether it was the last. */
export type FrameFilter<Frame> = (frame: Frame) => {
  readonly tell: boolean;
  readonly last: boolean;
};

/** How a socket's frames are read. */
export interface Reading<Frame extends AnyFrame> {
  readonly frame: z.ZodType<Frame>;
  /** @returns the epoch that a connection's first frame tells; null for every other frame. */
  readonly epochOf: (frame: Frame) => Epoch | null;
  /** Without one everything is told. */
  readonly filter?: FrameFilter<Frame> | undefined;
}

/**
 * @param upgrade the object's 101, with a socket that has not been read yet.
 * @returns the stream of its frames. It begins at once, beats while there is nothing to tell, and ends
 *   with the connection, or with the frame the filter calls the last. That its reader leaves ends
 *   nothing but the stream.
 */
export function streamFrames<Frame extends AnyFrame>(
  c: Context,
  { webSocket }: Response,
  reading: Reading<Frame>,
): Response {
  if (webSocket === null) throw new Error("An upgrade was answered without a socket.");
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  return c.newResponse(eventStream(webSocket, reading), 200, headers);
}

function eventStream<Frame extends AnyFrame>(
  socket: WebSocket,
  { frame: schema, epochOf, filter = () => ({ tell: true, last: false }) }: Reading<Frame>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const over = new AbortController();
  const { signal } = over;
  let epoch: Epoch | null = null;
  let unacknowledged = 0;
  let heartbeat: ReturnType<typeof setInterval> | undefined;

  /** From here on nothing is heard: the socket may still bring frames that nobody can take. */
  function stop(): void {
    over.abort();
    clearInterval(heartbeat);
    socket.close(1000, "The stream has ended");
  }

  function acknowledge({ seq }: Frame, length: number): void {
    unacknowledged += length;
    if (typeof seq !== "number" || unacknowledged < ACK_INTERVAL) return;
    unacknowledged = 0;
    socket.send(JSON.stringify(Ack.parse({ type: "ack", seq })));
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => {
          controller.enqueue(encoder.encode(text));
          return (controller.desiredSize ?? 0) > 0;
        };
        const end = () => {
          stop();
          controller.close();
        };
        const hear = ({ data }: MessageEvent) => {
          const text = String(data);
          const frame = schema.parse(JSON.parse(text));
          acknowledge(frame, text.length);
          epoch = epochOf(frame) ?? epoch;
          if (epoch === null) return;
          const { tell, last } = filter(frame);
          const keepsUp = !tell || send(formatServerSentEvent(epoch, frame));
          if (last || !keepsUp) end();
        };
        socket.addEventListener("message", hear, { signal });
        socket.addEventListener("close", end, { signal });
        socket.addEventListener("error", end, { signal });
        heartbeat = setInterval(() => send(SSE_HEARTBEAT) || end(), HEARTBEAT_MS);
        socket.accept();
      },
      cancel: stop,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BEHIND }),
  );
}
