/** Checks an exported log without asking anybody: names the first event that is not as it was logged. */
import * as z from "zod";
import { canonicalJson } from "../protocol/canonical-json.ts";
import type { PublicJwk } from "../protocol/json-web-keys.ts";
import { LogEnd, LogEntry, LogHead, SignedLog } from "../protocol/log-export.ts";
import { anchorOf, chained } from "./log-chain.ts";
import { faultOfSignature, payloadOf } from "./log-signature.ts";

/** What is wrong, and where: at an event by its seq, or in the first or the last line. */
export interface LogFault {
  readonly at: number | "head" | "end";
  /** A sentence without its subject. */
  readonly fault: string;
}

/** What was found in an export that is whole. */
export interface LogProof {
  readonly fault: null;
  readonly head: LogHead;
  readonly end: LogEnd;
  /** Whether it reaches back to where the chain begins; the journal's oldest events are forgotten. */
  readonly fromAnchor: boolean;
  /** Whether its signature was checked: without keys it is not. */
  readonly signed: boolean;
}

/** What the walk along the chain leaves, or where it ended. */
type Walked = LogFault | { readonly fault: null; readonly events: number; readonly hash: string };

const Placed = z.object({ seq: z.number() });

/**
 * @param text NDJSON, as `GET /api/threads/{id}/log` gives it.
 * @param keys those that may have signed it; null to leave its signature unchecked. Without it, who
 *   changed an event and all hashes after it is not found out.
 */
export async function verifyLog(
  text: string,
  keys: readonly PublicJwk[] | null,
): Promise<LogFault | LogProof> {
  const [first, ...rest] = text.split("\n").filter((line) => line.trim() !== "");
  const head = LogHead.safeParse(readJson(first ?? ""));
  if (!head.success) return { at: "head", fault: "is missing or cannot be read" };
  const lastLine = LogEnd.safeParse(readJson(rest.at(-1) ?? ""));
  const end = lastLine.success ? lastLine.data : null;
  const walked = walk(head.data, end === null ? rest : rest.slice(0, -1));
  // A head that was changed would show at the first event: it is to blame, not the event.
  const told = end && signedBy(end);
  if (told && !isHeadOf(told, head.data)) {
    return { at: "head", fault: "is not the one that was signed" };
  }
  if (walked.fault !== null) return walked;
  const next = head.data.first_seq + walked.events;
  if (end === null)
    return { at: "end", fault: `is missing or cannot be read, after seq ${next - 1}` };
  if (end.last_seq >= next) return { at: next, fault: "is missing: it was removed" };
  const { events, hash } = walked;
  const isIts = end.events === events && end.last_hash === hash && end.last_seq === next - 1;
  if (!isIts) return { at: "end", fault: "does not belong to the events before it" };
  return await signatureOf(head.data, end, keys);
}

function walk(head: LogHead, lines: readonly string[]): Walked {
  const entries = lines.map((line) => LogEntry.safeParse(readJson(line)).data ?? null);
  const seqs = entries.map((entry) => Placed.safeParse(entry?.event).data?.seq ?? null);
  let hash = head.hash_before;
  for (const [index, entry] of entries.entries()) {
    const expected = head.first_seq + index;
    const seq = seqs[index] ?? null;
    if (entry === null || seq === null) return { at: expected, fault: "cannot be read" };
    if (seq < expected) return { at: seq, fault: "stands here twice, or in a wrong place" };
    if (seq > expected) {
      const isElsewhere = seqs.includes(expected);
      const fault = isElsewhere ? "stands in another place" : "is missing: it was removed";
      return { at: expected, fault };
    }
    hash = chained(hash, entry.event);
    if (hash !== entry.hash) return { at: seq, fault: "was changed, or its hash was" };
  }
  return { fault: null, events: entries.length, hash };
}

async function signatureOf(
  head: LogHead,
  end: LogEnd,
  keys: readonly PublicJwk[] | null,
): Promise<LogFault | LogProof> {
  const { signature, verifiable_by, kind: _, ...ended } = end;
  const { kind: __, ...begun } = head;
  if (payloadOf(signature) !== canonicalJson({ ...begun, ...ended })) {
    return { at: "end", fault: "is not the one that was signed" };
  }
  const fault = keys && (await faultOfSignature(signature, keys));
  if (fault) return { at: "end", fault: `has a signature that ${fault}` };
  if (keys && verifiable_by !== "anybody") {
    return { at: "end", fault: "says of its signature what is not so" };
  }
  const { thread_id: threadId, epoch, first_seq } = head;
  const anchor = anchorOf({ threadId, epoch, after: first_seq - 1 });
  const fromAnchor = head.hash_before === anchor;
  return { fault: null, head, end, fromAnchor, signed: keys !== null };
}

function signedBy({ signature }: LogEnd): SignedLog | null {
  return SignedLog.safeParse(readJson(payloadOf(signature) ?? "")).data ?? null;
}

function isHeadOf(signed: SignedLog, { kind: _, ...head }: LogHead): boolean {
  const { events: __, last_seq: ___, last_hash: ____, ...begun } = signed;
  return canonicalJson(begun) === canonicalJson(head);
}

/** @returns null for what is no JSON: that is none of the lines either. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
