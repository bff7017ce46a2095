/** Checks an exported log offline, and names the first event that was changed. */
import * as z from "zod";
import { canonicalJson } from "../protocol/canonical-json.ts";
import type { PublicJwk } from "../protocol/json-web-keys.ts";
import { LogEnd, LogEntry, LogHead, SignedLog } from "../protocol/log-export.ts";
import { anchorOf, chained } from "./log-chain.ts";
import { faultOfSignature, payloadOf } from "./log-signature.ts";

/** What is wrong, and where: at the event with this seq, or in the first or last line. */
interface LogFault {
  readonly at: number | "head" | "end";
  /** The predicate of a sentence, without its subject. */
  readonly fault: string;
}

/** What is known of an export that is complete and unchanged. */
interface LogProof {
  readonly fault: null;
  readonly head: LogHead;
  readonly end: LogEnd;
  /** Whether it starts where the chain does. It does not once the journal's oldest events were trimmed. */
  readonly fromAnchor: boolean;
  /** Whether the signature was checked, which takes keys. */
  readonly signed: boolean;
}

/** The result of following the chain to its end, or to the first fault. */
type Walked = LogFault | { readonly fault: null; readonly events: number; readonly hash: string };

const Placed = z.object({ seq: z.number() });

/**
 * @param text NDJSON, as `GET /api/threads/{id}/log` gives it.
 * @param keys the public keys that may have signed it; null to skip the signature. Without it, a forger who
 *   changed an event and recomputed all later hashes is not detected.
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
  // A changed first line makes the first event fail its check too. The signature tells which of the two was changed.
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

/** @returns the value, or null for text that is no JSON, which no schema of a line accepts. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
