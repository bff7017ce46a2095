/** A thread's frames as server-sent events: one more socket at the object, read by the Worker. */
import type { Context } from "hono";
import { Ack } from "../protocol/commands.ts";
import { ServerFrame } from "../protocol/events.ts";
import { isLogged } from "../protocol/frames.ts";
import type { Epoch, ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { formatServerSentEvent, SSE_HEARTBEAT } from "../protocol/sse.ts";
import { connectThread } from "./connect-thread.ts";
import type { SignedInEnv } from "./router.ts";

/** Proxies close a stream that is silent; they wait for half a minute at least. */
const HEARTBEAT_MS = 15_000;
/** A client this far behind is let go, in bytes; it resumes by its last event id. */
const MAX_BEHIND = 1024 * 1024;
/** The object is told that it is read at the first event after so much, in UTF-16 code units. */
const ACK_INTERVAL = 64 * 1024;

/** What to do with a frame: tell it or not, and whether it was the last. */
export type FrameFilter = (frame: ServerFrame) => {
  readonly tell: boolean;
  readonly last: boolean;
};

const everything: FrameFilter = () => ({ tell: true, last: false });

/**
 * @returns the stream of a thread's frames after a position. It begins at once, beats while there is
 *   nothing to tell, and ends with the connection, or with the frame the filter calls the last.
 *   That its reader leaves ends nothing but the stream.
 * @throws {ApexError} what the object refused the socket with.
 */
export async function streamThread(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  position: Position | null,
  filter: FrameFilter = everything,
): Promise<Response> {
  const { webSocket } = await connectThread(c.env, c.var.principal, threadId, { position });
  if (webSocket === null) throw new Error("An upgrade was answered without a socket.");
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  return c.newResponse(eventStream(webSocket, filter), 200, headers);
}

function eventStream(socket: WebSocket, filter: FrameFilter): ReadableStream<Uint8Array> {
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

  function acknowledge(frame: ServerFrame, length: number): void {
    unacknowledged += length;
    if (!isLogged(frame) || unacknowledged < ACK_INTERVAL) return;
    unacknowledged = 0;
    socket.send(JSON.stringify(Ack.parse({ type: "ack", seq: frame.seq })));
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
          const frame = ServerFrame.parse(JSON.parse(text));
          acknowledge(frame, text.length);
          if (frame.type === "connection_ready") epoch = frame.data.epoch;
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
