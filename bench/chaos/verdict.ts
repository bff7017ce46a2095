/** Judges a conversation: what was promised and shown against the log and the history, event by event. */
import { isDeepStrictEqual } from "node:util";
import type { LoggedEvent } from "../../src/protocol/events.ts";
import { MESSAGE_STATUS } from "../../src/protocol/projection.ts";
import { answerMarks } from "./answer-marks.ts";
import type { Evidence, Transcript } from "./evidence.ts";
import type { MessageRow, RunRow, SavedThread } from "./saved-rows.ts";

/** What is wrong, each in a sentence; nothing where every promise was kept. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly reordered: readonly string[];
  /** Shown to somebody whose it is not. */
  readonly leaked: readonly string[];
}

export const NOTHING_WRONG: Verdict = { lost: [], duplicated: [], reordered: [], leaked: [] };

type Find = (kind: keyof Verdict, wrong: boolean, what: string) => void;

/** @returns the violations of one conversation. */
export function judge(evidence: Evidence): Verdict {
  const { where, log, transcripts, accepted, said, refused, history, saved, strangersStatus } =
    evidence;
  const verdict: Record<keyof Verdict, string[]> = {
    lost: [],
    duplicated: [],
    reordered: [],
    leaked: [],
  };
  const find: Find = (kind, wrong, what) => {
    if (wrong) verdict[kind].push(`${where}: ${what}`);
  };

  find("lost", !isGapless(log), "the log has a gap");
  for (const transcript of transcripts) judgeTranscript(transcript, evidence, find);

  const promised = log.filter((event) => event.type === "message_accepted");
  for (const { messageId, runId, content } of accepted) {
    const runs = promised.filter(({ data }) => data.message_id === messageId);
    find("lost", runs[0]?.data.run_id !== runId, `accepted message ${messageId} has no run`);
    find("lost", runs[0]?.data.content !== content, `message ${messageId} is not: ${content}`);
    find("duplicated", runs.length > 1, `accepted message ${messageId} has ${runs.length} runs`);
  }
  const taken = refused.filter((text) => promised.some(({ data }) => data.content === text));
  find(
    "duplicated",
    taken.length > 0,
    `${taken.join(", ")} was refused, and is there all the same`,
  );
  const order = promised.map(({ data }) => said.indexOf(data.content));
  find("reordered", !isDeepStrictEqual(order, ascending(order)), `it was said as ${order.join()}`);

  const words = history.messages.filter(({ role }) => role === "user").map((row) => row.content);
  find("duplicated", hasRepeats(words), "the history holds a message twice");
  find("leaked", !words.every((text) => said.includes(text)), "the history holds foreign words");
  find(
    "leaked",
    strangersStatus !== 404,
    strangersStatus === null
      ? "nobody else was there to try to read it"
      : `another user gets ${strangersStatus} for it`,
  );
  const expected = rowsOf(log);
  for (const [name, kept] of Object.entries({ history, D1: saved })) {
    const messages = firstDifference(expected.messages, kept.messages);
    find("lost", messages !== null, `a message in ${name}: ${messages}`);
    const runs = firstDifference(byId(expected.runs), byId(kept.runs));
    find("lost", runs !== null, `a run in ${name}: ${runs}`);
  }

  for (const { data } of promised) judgeRun(data.run_id, evidence, find);
  judgeAccount(evidence, find);
  return verdict;
}

/** Whoever runs is paid for once, and gives the place back. */
function judgeAccount({ log, account }: Evidence, find: Find): void {
  const ended = log.flatMap(({ type, context }) =>
    type === "agent_completed" ? [context.run_id] : [],
  );
  const missing = ended.filter((id) => id !== null && !account.entries.includes(id));
  find("lost", missing.length > 0, `the ledger lacks ${missing.join(", ")}`);
  find("duplicated", hasRepeats(account.entries), "the ledger has a run twice");
  const foreign = account.entries.filter((id) => !ended.some((run) => run === id));
  find("leaked", foreign.length > 0, `the ledger has ${foreign.join(", ")} of no log`);
  const { places } = account;
  find("lost", places !== null && places > 0, `${places} places are held for runs that are over`);
}

/**
 * @param neverThere who asked for a thread that no client of theirs ever learnt of.
 * @returns the violations of all conversations, and those that show only beside each other.
 */
export function judgeAll(evidence: readonly Evidence[], neverThere: readonly string[]): Verdict {
  const alone = [...evidence.map(judge), ...neverThere.map(judgeAbsence)];
  return together([...alone, { ...NOTHING_WRONG, leaked: strayAnswers(evidence) }]);
}

/** @returns the violation that a thread is whose user asked for it, and which was never there. */
export function judgeAbsence(email: string): Verdict {
  return { ...NOTHING_WRONG, lost: [`A thread that ${email} asked for was never there.`] };
}

/** An answer of the model is one thread's, in its log and on its screens. */
function strayAnswers(evidence: readonly Evidence[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { where, log, transcripts } of evidence) {
    const written = transcripts.flatMap((transcript) => transcript.written);
    for (const mark of answerMarks(JSON.stringify([log, written]))) {
      owners.set(mark, (owners.get(mark) ?? new Set()).add(where));
    }
  }
  return [...owners]
    .filter(([, threads]) => threads.size > 1)
    .map(([mark, threads]) => `${[...threads].join(", ")}: both have the answer ${mark}`);
}

/** @returns the violations of several conversations together. */
export function together(verdicts: readonly Verdict[]): Verdict {
  const of = (kind: keyof Verdict) => verdicts.flatMap((verdict) => verdict[kind]);
  const [lost, duplicated] = [of("lost"), of("duplicated")];
  return { lost, duplicated, reordered: of("reordered"), leaked: of("leaked") };
}

function judgeTranscript(transcript: Transcript, evidence: Evidence, find: Find): void {
  const { seen, shown, written, openRuns, error } = transcript;
  const { log, history } = evidence;
  const seqs = seen.map(({ seq }) => seq);
  find("duplicated", hasRepeats(seqs), "the client saw an event twice");
  find("reordered", !isDeepStrictEqual(seqs, ascending(seqs)), `the client saw ${seqs.join(" ")}`);
  find("lost", !isDeepStrictEqual(seen, log), "what the client saw is not the log");
  find("leaked", !seen.every((event) => isOwn(event, evidence)), "the client saw foreign events");
  const answers = log.flatMap(({ type, data }) =>
    type === "agent_started" ? data.message_id : [],
  );
  const strange = written.filter(({ messageId }) => !answers.some((id) => id === messageId));
  find("leaked", strange.length > 0, "the client was shown pieces of foreign answers");
  const told = history.messages.map(({ id, content }) => ({ id, text: content }));
  find("lost", !isDeepStrictEqual(told, shown), "what the client shows is not the history");
  find("lost", openRuns.length > 0, `the client knows no end of run ${openRuns.join(", ")}`);
  find("lost", error !== null, `the client was cut off for good: ${error}`);
}

function judgeRun(runId: string, { log }: Evidence, find: Find): void {
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
}

/** @returns the rows that a log must have come to. */
function rowsOf(log: readonly LoggedEvent[]): SavedThread {
  const messages: MessageRow[] = [];
  const runs: RunRow[] = [];
  for (const asked of log) {
    if (asked.type !== "message_accepted") continue;
    const { message_id, run_id, content } = asked.data;
    const ofRun = log.filter(({ context }) => context.run_id === run_id);
    const begun = ofRun.find((event) => event.type === "agent_started");
    const ended = ofRun.find((event) => event.type === "agent_completed");
    messages.push({
      id: message_id,
      run_id,
      role: "user",
      content,
      status: "complete",
      seq: asked.seq,
    });
    if (begun === undefined || ended === undefined) continue;
    const { status, final_response, message_id: answer_id } = ended.data;
    messages.push({
      id: answer_id,
      run_id,
      role: "assistant",
      content: final_response,
      status: MESSAGE_STATUS[status],
      seq: begun.seq,
    });
    runs.push({ id: run_id, message_id, answer_id, status });
  }
  return { messages: messages.toSorted((a, b) => a.seq - b.seq), runs };
}

/** @returns where two lists of rows part, in words; null where they are the same. */
function firstDifference(expected: readonly object[], kept: readonly object[]): string | null {
  const length = Math.max(expected.length, kept.length);
  for (let index = 0; index < length; index += 1) {
    if (isDeepStrictEqual(expected[index], kept[index])) continue;
    return `${JSON.stringify(kept[index])} in place of ${JSON.stringify(expected[index])}`;
  }
  return null;
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

function byId(runs: readonly RunRow[]): RunRow[] {
  return runs.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
