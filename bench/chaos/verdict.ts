/** Compares what users were promised and shown with the log and the history, event by event. */
import { isDeepStrictEqual } from "node:util";
import type { Message } from "../../src/protocol/entities.ts";
import { isLogged, type LoggedEvent } from "../../src/protocol/events.ts";
import { followThread } from "../../test/e2e/recording.ts";
import { eventually } from "../../test/e2e/within.ts";
import { type Conversation, isOver } from "./talker.ts";

export interface Verdict {
  readonly log: readonly LoggedEvent[];
  readonly runs: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly reordered: readonly string[];
}

/** Judges one conversation; the product must be up and its faults over. */
export async function judge(
  conversation: Conversation,
  others: readonly Conversation[],
): Promise<Verdict> {
  const { person, connection, accepted, said, frames } = conversation;
  const lost: string[] = [];
  const duplicated: string[] = [];
  const reordered: string[] = [];
  const { threadId } = connection.view;
  if (threadId === null) {
    if (accepted.length > 0) lost.push(`${person.email}: no thread, but accepted messages`);
    return { log: [], runs: 0, lost, duplicated, reordered };
  }
  const where = `thread ${threadId}`;
  const stream = await followThread(person, threadId);
  const { data: ready } = await stream.frame("connection_ready");
  await eventually(
    () => stream.frames.filter(isLogged).length >= ready.last_seq || undefined,
    () => `${where}: ${ready.last_seq} events are said to be there`,
  );
  stream.close();
  const log = stream.frames.filter(isLogged);

  log.forEach(({ seq }, index) => {
    if (seq !== index + 1) reordered.push(`${where}: the log has seq ${seq} at place ${index + 1}`);
  });
  const seen = frames.filter(isLogged);
  const seqs = seen.map(({ seq }) => seq);
  if (new Set(seqs).size < seqs.length) duplicated.push(`${where}: the client saw an event twice`);
  if (seqs.some((seq, index) => index > 0 && seq < (seqs[index - 1] ?? 0)))
    reordered.push(`${where}: the client saw ${seqs.join(" ")}`);
  if (!isDeepStrictEqual(seen, log))
    lost.push(`${where}: the client's ${seen.length} events are not the log's ${log.length}`);

  const promised = log.filter((event) => event.type === "message_accepted");
  for (const promise of accepted) {
    const runs = promised.filter(({ data }) => data.message_id === promise.message_id);
    if (runs.length === 0 || runs[0]?.data.run_id !== promise.run_id)
      lost.push(`${where}: accepted message ${promise.message_id} has no run`);
    if (runs.length > 1)
      duplicated.push(`${where}: accepted message ${promise.message_id} has ${runs.length} runs`);
    if (!isOver(connection, promise))
      lost.push(`${where}: the client knows no end of run ${promise.run_id}`);
  }
  const history = await wholeHistory(conversation, threadId);
  const shown = connection.view.messages.map(({ id, text }) => [id, text]);
  if (
    !isDeepStrictEqual(
      history.map(({ id, content }) => [id, content]),
      shown,
    )
  )
    lost.push(`${where}: the client's text is not the history's`);
  const users = history.filter(({ role }) => role === "user").map(({ content }) => content);
  if (new Set(users).size < users.length)
    duplicated.push(`${where}: a message is in the history twice`);
  if (users.some((content) => !said.includes(content)))
    lost.push(`${where}: the history holds what its user never said`);
  for (const { data } of promised) judgeRun(data.run_id);
  if (
    frames.some(
      (frame) =>
        isLogged(frame) &&
        (frame.context.user_id !== person.credentials.user.id ||
          frame.context.thread_id !== threadId),
    )
  )
    lost.push(`${where}: it shows another's events`);
  const stranger = others.find((other) => other.person !== person)?.person;
  const peek = await stranger?.request("GET", `/api/threads/${threadId}/messages`);
  if (peek && peek.status !== 404) lost.push(`${where}: another user got ${peek.status} for it`);
  return { log, runs: promised.length, lost, duplicated, reordered };

  function judgeRun(runId: string): void {
    const events = log.filter(
      ({ type, context }) => context.run_id === runId && type !== "message_accepted",
    );
    const of = (type: LoggedEvent["type"]) => events.filter((event) => event.type === type);
    const ends = events.filter((event) => event.type === "agent_completed");
    const starts = of("agent_started");
    if (starts.length === 0 || ends.length === 0 || of("agent_thinking").length < 2)
      lost.push(`${where}: run ${runId} has ${events.map(({ type }) => type).join(" ")}`);
    if (starts.length > 1 || ends.length > 1)
      duplicated.push(
        `${where}: run ${runId} starts ${starts.length} and ends ${ends.length} times`,
      );
    if (events[0] !== starts[0] || events.at(-1) !== ends[0])
      reordered.push(`${where}: run ${runId} has ${events.map(({ type }) => type).join(" ")}`);
    const calls = events.flatMap((event) =>
      event.type === "tool_executing" ? [event.data.call_id] : [],
    );
    const closed = events.flatMap((event) =>
      event.type === "tool_completed" ? [event.data.call_id] : [],
    );
    if (new Set(calls).size < calls.length || new Set(closed).size < closed.length)
      duplicated.push(`${where}: run ${runId} tells a call twice`);
    if (!isDeepStrictEqual(new Set(calls), new Set(closed)))
      lost.push(`${where}: run ${runId} leaves a call open`);
    const final = ends[0]?.data;
    const answer = history.find(({ id }) => id === final?.message_id);
    if (final && (answer?.content ?? "") !== final.final_response)
      lost.push(`${where}: the history's answer of run ${runId} is not its final_response`);
  }
}

async function wholeHistory(
  { person, frames }: Conversation,
  threadId: string,
): Promise<Message[]> {
  const client = await person.client();
  const messages: Message[] = [];
  const thread = frames.filter(isLogged).find(({ context }) => context.thread_id === threadId)
    ?.context.thread_id;
  if (thread === undefined) return messages;
  let cursor: string | undefined;
  do {
    const page = await client.messages.list(thread, {
      limit: 20,
      order: "asc",
      ...(cursor !== undefined && { cursor }),
    });
    messages.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return messages;
}
