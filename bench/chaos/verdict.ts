/** Judges a conversation: what was promised and shown against the log and the history, event by event. */
import { isDeepStrictEqual } from "node:util";
import type { LoggedEvent } from "../../src/protocol/events.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong, each in a sentence; nothing where every promise was kept. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly reordered: readonly string[];
  /** Shown to somebody whose it is not. */
  readonly leaked: readonly string[];
}

/** @returns the violations of one conversation. */
export function judge(evidence: Evidence): Verdict {
  const { where, log, seen, accepted, said, history, shown } = evidence;
  const verdict: Record<keyof Verdict, string[]> = {
    lost: [],
    duplicated: [],
    reordered: [],
    leaked: [],
  };
  const find = (kind: keyof Verdict, wrong: boolean, what: string) => {
    if (wrong) verdict[kind].push(`${where}: ${what}`);
  };

  const seqs = seen.map(({ seq }) => seq);
  find("lost", !isGapless(log), "the log has a gap");
  find("duplicated", hasRepeats(seqs), "the client saw an event twice");
  find("reordered", !isDeepStrictEqual(seqs, ascending(seqs)), `the client saw ${seqs.join(" ")}`);
  find("lost", !isDeepStrictEqual(seen, log), "what the client saw is not the log");

  const promised = log.filter((event) => event.type === "message_accepted");
  for (const { messageId, runId, isOver } of accepted) {
    const runs = promised.filter(({ data }) => data.message_id === messageId);
    find("lost", runs[0]?.data.run_id !== runId, `accepted message ${messageId} has no run`);
    find("duplicated", runs.length > 1, `accepted message ${messageId} has ${runs.length} runs`);
    find("lost", !isOver, `the client knows no end of run ${runId}`);
  }

  const words = history.filter(({ role }) => role === "user").map(({ content }) => content);
  const saved = history.map(({ id, content }) => ({ id, text: content }));
  find("lost", !isDeepStrictEqual(saved, shown), "what the client shows is not the history");
  find("duplicated", hasRepeats(words), "the history holds a message twice");
  find(
    "leaked",
    words.some((text) => !said.includes(text)),
    "the history holds foreign words",
  );
  find("leaked", !seen.every((event) => isOwn(event, evidence)), "the client saw foreign events");
  const status = evidence.strangersStatus;
  find("leaked", status !== null && status !== 404, `another user gets ${status} for it`);

  for (const { data } of promised) judgeRun(data.run_id, evidence, find);
  return verdict;
}

function judgeRun(
  runId: string,
  { log, history }: Evidence,
  find: (kind: keyof Verdict, wrong: boolean, what: string) => void,
): void {
  const events = log.filter(
    ({ type, context }) => context.run_id === runId && type !== "message_accepted",
  );
  const types = events.map(({ type }) => type);
  const count = (type: LoggedEvent["type"]) => types.filter((each) => each === type).length;
  const told = `run ${runId} tells ${types.join(" ")}`;
  find("lost", count("agent_started") < 1 || count("agent_completed") < 1, told);
  find("lost", count("agent_thinking") < 2, told);
  find("duplicated", count("agent_started") > 1 || count("agent_completed") > 1, told);
  find("reordered", types[0] !== "agent_started" || types.at(-1) !== "agent_completed", told);

  const opened = events.flatMap((event) =>
    event.type === "tool_executing" ? [event.data.call_id] : [],
  );
  const closed = events.flatMap((event) =>
    event.type === "tool_completed" ? [event.data.call_id] : [],
  );
  find("duplicated", hasRepeats(opened) || hasRepeats(closed), `run ${runId} tells a call twice`);
  find("lost", !isDeepStrictEqual(new Set(opened), new Set(closed)), `run ${runId} leaves a call`);

  const end = events.find((event) => event.type === "agent_completed");
  const answer = history.find(({ id }) => id === end?.data.message_id);
  find("lost", answer?.content !== end?.data.final_response, `the answer of run ${runId} differs`);
}

function isGapless(log: readonly LoggedEvent[]): boolean {
  return log.every(({ seq }, index) => seq === index + 1);
}

function isOwn({ context }: LoggedEvent, { userId, threadId }: Evidence): boolean {
  return context.user_id === userId && context.thread_id === threadId;
}

function hasRepeats(values: readonly (string | number)[]): boolean {
  return new Set(values).size < values.length;
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
