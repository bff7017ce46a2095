/** What a client receives of a thread, frame by frame: over a WebSocket, or as server-sent events. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { Command } from "../../src/protocol/commands.ts";
import { type LoggedEvent, ServerFrame } from "../../src/protocol/events.ts";
import { isLogged } from "../../src/protocol/frames.ts";
import type { RunId, ThreadId } from "../../src/protocol/ids.ts";
import type { Position } from "../../src/protocol/position.ts";
import type { Person } from "./person.ts";
import { eventually } from "./within.ts";

type FrameOf<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

export interface Recording {
  /** Everything that arrived, in order; each frame is parsed by the protocol's own schema. */
  readonly frames: readonly ServerFrame[];
  /** Waits for a frame of a type, of those that arrived already too. */
  frame<Type extends ServerFrame["type"]>(
    type: Type,
    isIt?: (frame: FrameOf<Type>) => boolean,
  ): Promise<FrameOf<Type>>;
  /** Waits for the end of a run. */
  completed(runId: RunId): Promise<FrameOf<"agent_completed">>;
  close(): void;
}

export interface SocketRecording extends Recording {
  readonly socket: WebSocket;
  command(command: Command): void;
  /** Says something, and waits until it is accepted. */
  say(content: string): Promise<FrameOf<"message_accepted">>;
}

export interface StreamRecording extends Recording {
  readonly response: Response;
  /** The `event:` and `id:` of each frame. */
  readonly heads: readonly {
    readonly event: string | undefined;
    readonly id: string | undefined;
  }[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
}

/** Opens a thread's WebSocket. @returns once `connection_ready` is there. */
export async function openSocket(
  person: Person,
  threadId: ThreadId,
  position?: Position,
): Promise<SocketRecording> {
  const query = position ? `?after=${position.after}&epoch=${position.epoch}` : "";
  const address = `${person.url.replace("http", "ws")}/api/threads/${threadId}/socket${query}`;
  const socket = new WebSocket(address, ["apex-edge", `bearer.${person.credentials.access_token}`]);
  const tape = record(() => socket.close());
  socket.addEventListener("message", ({ data }) => tape.add(String(data)));
  await tape.recording.frame("connection_ready");
  return {
    ...tape.recording,
    socket,
    command: (command) => socket.send(JSON.stringify(command)),
    say(content) {
      const client_message_id = crypto.randomUUID();
      socket.send(JSON.stringify({ type: "user_message", client_message_id, content }));
      return tape.recording.frame(
        "message_accepted",
        ({ data }) => data.client_message_id === client_message_id,
      );
    },
  };
}

/** Follows a thread's event stream. @param lastEventId where to resume. */
export function followThread(
  person: Person,
  threadId: ThreadId,
  lastEventId?: string,
): Promise<StreamRecording> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  return readStream((signal) =>
    fetch(`${person.url}/api/threads/${threadId}/events`, {
      headers: { authorization: `Bearer ${person.credentials.access_token}`, ...headers },
      signal,
    }),
  );
}

/** Says something, and follows its run as the answer to the request. */
export function sayAndFollow(
  person: Person,
  threadId: ThreadId,
  content: string,
): Promise<StreamRecording> {
  return readStream((signal) =>
    fetch(`${person.url}/api/threads/${threadId}/messages`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${person.credentials.access_token}`,
        "content-type": "application/json",
        accept: "text/event-stream",
      },
      body: JSON.stringify({ content }),
      signal,
    }),
  );
}

/** @returns the log's events of a run, from `agent_started` on. */
export function eventsOfRun(frames: readonly ServerFrame[], runId: RunId): LoggedEvent[] {
  return frames
    .filter(isLogged)
    .filter(({ type, context }) => context.run_id === runId && type !== "message_accepted");
}

async function readStream(
  open: (signal: AbortSignal) => Promise<Response>,
): Promise<StreamRecording> {
  const leaving = new AbortController();
  const response = await open(leaving.signal);
  const tape = record(() => leaving.abort());
  const heads: { event: string | undefined; id: string | undefined }[] = [];
  async function read(): Promise<void> {
    const text = response.body?.pipeThrough(new TextDecoderStream());
    for await (const { event, id, data } of text?.pipeThrough(new EventSourceParserStream()) ??
      []) {
      heads.push({ event, id });
      tape.add(data);
    }
  }
  const ended = read().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return { ...tape.recording, response, heads, ended };
}

function record(close: () => void) {
  const frames: ServerFrame[] = [];
  const recording: Recording = {
    frames,
    close,
    frame: (type, isIt = () => true) =>
      eventually(
        () => frames.filter((frame) => isOfType(frame, type)).find(isIt),
        () => `no ${type} among ${frames.map((frame) => frame.type).join(" ")}`,
      ),
    completed: (runId) =>
      recording.frame("agent_completed", ({ context }) => context.run_id === runId),
  };
  return {
    recording,
    add: (text: string) => void frames.push(ServerFrame.parse(JSON.parse(text))),
  };
}

function isOfType<Type extends ServerFrame["type"]>(
  frame: ServerFrame,
  type: Type,
): frame is FrameOf<Type> {
  return frame.type === type;
}
