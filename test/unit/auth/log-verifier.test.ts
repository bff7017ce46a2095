/** The verifier of an exported log: any single change to it is found, and named by where it is. */
import fc from "fast-check";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { anchorOf, chained } from "../../../src/auth/log-chain.ts";
import { signLog } from "../../../src/auth/log-signature.ts";
import { verifyLog } from "../../../src/auth/log-verifier.ts";
import { keyRing, publicKeys } from "../../../src/auth/signing-keys.ts";
import { Epoch, ThreadId } from "../../../src/protocol/ids.ts";
import { PrivateJwk } from "../../../src/protocol/json-web-keys.ts";
import { LOG_FORMAT, LogHead } from "../../../src/protocol/log-export.ts";

async function settingsOf(alg: "ES256" | "EdDSA", kid: string) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const key = PrivateJwk.parse({ ...(await exportJWK(privateKey)), alg, kid });
  return { jwtSecret: undefined, signingKeys: [key] };
}

type Settings = Awaited<ReturnType<typeof settingsOf>>;

const threadId = ThreadId.parse("thread-1");
const epoch = Epoch.parse("epoch-1");
const SECRET = { jwtSecret: "a secret of more than 32 characters!!", signingKeys: [] };

/** @returns the lines of an export of so many events, from a seq on. */
async function exported(count: number, settings: Parameters<typeof keyRing>[0], first = 1) {
  const head = LogHead.parse({
    kind: "head",
    format: LOG_FORMAT,
    algorithm: "SHA-256(previous hash || RFC 8785 JSON of the event)",
    ...{ thread_id: threadId, epoch, first_seq: first },
    hash_before: anchorOf({ threadId, epoch, after: first - 1 }),
    exported_at: "2026-11-21T12:00:00.000Z",
  });
  let hash = head.hash_before;
  const events = Array.from({ length: count }, (_, index) => {
    const event = { type: "said", seq: first + index, data: { text: `word ${index}`, n: index } };
    hash = chained(hash, event);
    return { kind: "event", hash, event };
  });
  const ended = { events: count, last_seq: first + count - 1, last_hash: hash };
  const { kind: _, ...begun } = head;
  const signature = await signLog({ ...begun, ...ended }, keyRing(settings));
  return [head, ...events, { kind: "end", ...ended, ...signature }].map((line) =>
    JSON.stringify(line),
  );
}

const EVENTS = 12;
let settings: Settings;
let lines: string[];

beforeAll(async () => {
  settings = await settingsOf("ES256", "first");
  lines = await exported(EVENTS, settings);
});

const check = (changed: readonly string[], by: Settings | null = settings) =>
  verifyLog(`${changed.join("\n")}\n`, by && [...publicKeys(by).keys]);

/** Every way in which one thing of an export can be changed, with where that is to be found. */
type Change = (seq: number) => { readonly lines: string[]; readonly at: number };
const CHANGES: Readonly<Record<string, Change>> = {
  "a word changed": (seq) => ({ lines: edit(seq, "word", "lie"), at: seq }),
  "a figure changed": (seq) => ({ lines: edit(seq, '"n":', '"n":1'), at: seq }),
  "a member added": (seq) => ({ lines: edit(seq, '"data":{', '"data":{"more":1,'), at: seq }),
  "a type changed": (seq) => ({ lines: edit(seq, "said", "sayd"), at: seq }),
  "its seq changed": (seq) => ({
    lines: edit(seq, `"seq":${seq},`, `"seq":${seq + 1},`),
    at: seq,
  }),
  "its hash changed": (seq) => ({
    lines: lines.with(seq, (lines[seq] ?? "").replace(/"hash":"(.)/, flip)),
    at: seq,
  }),
  "a line that is no JSON": (seq) => ({ lines: edit(seq, "{", ""), at: seq }),
  "something beside it": (seq) => ({ lines: edit(seq, '{"kind"', '{"x":1,"kind"'), at: seq }),
  "one removed": (seq) => ({ lines: lines.toSpliced(seq, 1), at: seq }),
  "one said twice": (seq) => ({ lines: lines.toSpliced(seq, 0, lines[seq] ?? ""), at: seq }),
  "one made up before it": (seq) => ({
    lines: lines.toSpliced(seq, 0, (lines[seq] ?? "").replace("word", "lie")),
    at: seq,
  }),
  "one made up with a hash that fits": (seq) => ({
    lines: lines.toSpliced(seq, 0, madeUp(seq)),
    at: seq,
  }),
};

function edit(seq: number, from: string, to: string): string[] {
  const line = lines[seq] ?? "";
  return lines.with(seq, line.replace(from, to));
}

function madeUp(seq: number): string {
  const before = /"hash(?:_before)?":"([0-9a-f]{64})/.exec(lines[seq - 1] ?? "")?.[1] ?? "";
  const event = { type: "said", seq, data: { text: "a lie" } };
  return JSON.stringify({ kind: "event", hash: chained(before, event), event });
}

function flip(all: string, digit: string): string {
  return all.slice(0, -1) + (digit === "0" ? "1" : "0");
}

describe("any single change is found, and named by its seq", () => {
  it.each(Object.entries(CHANGES))("%s", async (_, change) => {
    for (let seq = 1; seq <= EVENTS; seq += 1) {
      for (const by of [settings, null]) {
        const { lines: changed, at } = change(seq);
        expect(await check(changed, by), `seq ${seq}`).toMatchObject({ at });
      }
    }
  });

  it("two that changed places", async () => {
    const places = fc.uniqueArray(fc.integer({ min: 1, max: EVENTS }), {
      minLength: 2,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(places, async ([one = 1, other = 2]) => {
        const changed = lines.with(one, lines[other] ?? "").with(other, lines[one] ?? "");
        expect(await check(changed)).toMatchObject({ at: Math.min(one, other) });
      }),
    );
  });

  it("the last ones removed: the first of them is named", async () => {
    for (let kept = 0; kept < EVENTS; kept += 1) {
      const changed = [...lines.slice(0, kept + 1), lines.at(-1) ?? ""];
      expect(await check(changed)).toMatchObject({ at: kept + 1 });
    }
  });

  it("any character of an event's line replaced by another", async () => {
    const place = fc.record({
      seq: fc.integer({ min: 1, max: EVENTS }),
      share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      by: fc.constantFrom("0", "7", "f", "x", '"', "}", "\\"),
    });
    await fc.assert(
      fc.asyncProperty(place, async ({ seq, share, by }) => {
        const line = lines[seq] ?? "";
        const at = Math.floor(share * line.length);
        fc.pre(line[at] !== by);
        const changed = lines.with(seq, line.slice(0, at) + by + line.slice(at + 1));
        const found = await check(changed);
        // A seq that became an earlier one is named by what it says now.
        expect(found.fault === null ? null : found.at).toSatisfy(
          (named) => named === seq || (typeof named === "number" && named < seq),
        );
      }),
    );
  });
});

describe("a head or an end that was changed is named", () => {
  it.each(["thread_id", "epoch", "hash_before", "exported_at", "first_seq"])(
    "the head's %s",
    async (field) => {
      const head: Record<string, unknown> = JSON.parse(lines[0] ?? "");
      const others: Readonly<Record<string, unknown>> = {
        hash_before: "0".repeat(64),
        exported_at: "2026-11-21T12:00:00.001Z",
        first_seq: 2,
      };
      const changed = lines.with(0, JSON.stringify({ ...head, [field]: others[field] ?? "x" }));
      for (const by of [settings, null]) {
        expect(await check(changed, by)).toMatchObject({ at: "head" });
      }
    },
  );

  it.each([
    ["events", 3],
    ["last_seq", 3],
    ["last_hash", "0".repeat(64)],
    ["verifiable_by", "operator"],
    ["signature", "e30.e30.e30"],
  ])("the end's %s", async (field, other) => {
    const end: Record<string, unknown> = JSON.parse(lines.at(-1) ?? "");
    const changed = lines.with(-1, JSON.stringify({ ...end, [field]: other }));
    expect(await check(changed)).toMatchObject({ at: "end" });
  });

  it.each([
    ["no line at all", () => []],
    ["no head", () => lines.slice(1)],
  ])("%s", async (_, some) => {
    expect(await check(some())).toMatchObject({ at: "head" });
  });

  it("no end: it was cut off", async () => {
    expect(await check(lines.slice(0, -1))).toMatchObject({ at: "end" });
  });
});

describe("a log that was written anew from a change on", () => {
  it("is told by its signature, which is of other events", async () => {
    const forged = await exported(EVENTS - 1, settings, 1);
    const changed = [...forged.slice(0, -1), lines.at(-1) ?? ""];
    expect(await check(changed)).toMatchObject({ at: EVENTS });
  });

  it.each(["first", "another"])("and by whose key it is, where it says %s", async (kid) => {
    const stranger = await settingsOf("ES256", kid);
    expect(await check(await exported(EVENTS, stranger))).toMatchObject({ at: "end" });
  });

  it("a shared secret proves nothing to anybody else, and is refused as a proof", async () => {
    const secret = await exported(EVENTS, SECRET);
    expect(await check(secret)).toMatchObject({ at: "end" });
    expect(await check(secret, null)).toMatchObject({
      fault: null,
      signed: false,
      end: { verifiable_by: "operator" },
    });
  });
});

describe("a log as it was exported is found whole", () => {
  it.each(["ES256", "EdDSA"] as const)("signed by %s", async (alg) => {
    const by = await settingsOf(alg, "another");
    const log = await exported(EVENTS, by);
    expect(await check(log, by)).toMatchObject({ fault: null, signed: true, fromAnchor: true });
    expect(await check(log, null)).toMatchObject({ fault: null, signed: false });
  });

  it("without any event", async () => {
    expect(await check(await exported(0, settings))).toMatchObject({ fault: null });
  });

  it("from where the journal was trimmed, and says so", async () => {
    const [head = "", , ...rest] = lines;
    const { kind: _, ...begun } = LogHead.parse({
      ...JSON.parse(head),
      first_seq: 2,
      hash_before: JSON.parse(lines[1] ?? "").hash,
    });
    const { last_hash } = JSON.parse(lines.at(-1) ?? "");
    const ended = { events: EVENTS - 1, last_seq: EVENTS, last_hash };
    const signature = await signLog({ ...begun, ...ended }, keyRing(settings));
    const trimmed = [
      JSON.stringify({ kind: "head", ...begun }),
      ...rest.slice(0, -1),
      JSON.stringify({ kind: "end", ...ended, ...signature }),
    ];
    expect(await check(trimmed)).toMatchObject({ fault: null, fromAnchor: false, signed: true });
  });
});
