/** Sessions: a refresh token is worth one rotation, and a second use of it ends everything. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { newId, timestamp } from "../../../src/core/clock.ts";
import { SessionId, type UserId } from "../../../src/protocol/ids.ts";
import { Accounts } from "../../../src/store/accounts.ts";
import { Sessions } from "../../../src/store/sessions.ts";
import { UserSessions } from "../../../src/store/user-sessions.ts";
import { account, db } from "./people.ts";

const sessions = new Sessions(db);
const minute = 60_000;
const now = timestamp(10 * minute);
const expiresAt = timestamp(20 * minute);
const afterExpiry = timestamp(20 * minute);

let userId: UserId;
let id: SessionId;
let tokenHash: string;

async function start(): Promise<SessionId> {
  const session = SessionId.parse(newId());
  await sessions.start({
    id: session,
    userId,
    method: "password",
    address: "203.0.113.7",
    userAgent: "Firefox",
    tokenHash: `first of ${session}`,
    now,
    expiresAt,
  });
  return session;
}

function rotate(tokenHash: string, nextHash = newId(), at = now) {
  return sessions.rotate({ tokenHash, nextHash, now: at });
}

/** @returns whether some token of the session is worth anything yet, and how many are unspent. */
async function standing(session: SessionId): Promise<{ live: boolean; unspent: number | null }> {
  const live = await own().list(null, now);
  const unspent = await env.DB.prepare(
    "SELECT count(*) AS n FROM refresh_tokens WHERE session_id = ? AND spent_at IS NULL",
  )
    .bind(session)
    .first<number>("n");
  return { live: live.some(({ id }) => id === session), unspent };
}

const own = () => new UserSessions(db, userId);

beforeEach(async () => {
  userId = (await account()).id;
  id = await start();
  tokenHash = `first of ${id}`;
});

describe("a refresh token that is not worth a rotation", () => {
  it("is unknown where nobody was given it, and ends no session", async () => {
    expect(await rotate("made up")).toEqual({ outcome: "unknown" });
    expect(await sessions.ownerOf("made up")).toBeNull();
    expect(await standing(id)).toEqual({ live: true, unspent: 1 });
  });

  it("is expired from the very moment its session expires", async () => {
    expect(await rotate(tokenHash, newId(), afterExpiry)).toEqual({ outcome: "expired" });
  });

  it("is ended after its session was ended", async () => {
    await own().end(id, now);

    expect(await rotate(tokenHash)).toEqual({ outcome: "ended" });
  });

  it("leaves no next token behind", async () => {
    const nextHash = newId();
    await rotate(tokenHash, nextHash, afterExpiry);

    expect(await rotate(nextHash)).toEqual({ outcome: "unknown" });
  });
});

describe("a refresh token used twice", () => {
  const reuse = { outcome: "reused", hasEnded: true };
  const again = { outcome: "reused", hasEnded: false };

  it("is reuse, and ends the session for its newest token too", async () => {
    const newest = newId();
    await rotate(tokenHash, newest);

    expect(await rotate(tokenHash)).toEqual({ ...reuse, sessionId: id, userId });

    expect((await standing(id)).live).toBe(false);
    expect(await rotate(newest)).toEqual({ outcome: "ended" });
  });

  it("is reuse however long ago it was spent, and however many came after it", async () => {
    const [second, third] = [newId(), newId()];
    await rotate(tokenHash, second);
    await rotate(second, third);

    expect(await rotate(tokenHash, newId(), timestamp(20 * minute - 1))).toMatchObject(reuse);
    expect(await rotate(third)).toEqual({ outcome: "ended" });
  });

  it("is told as reuse each time, and as what ended the session once", async () => {
    await rotate(tokenHash);

    expect(await rotate(tokenHash)).toMatchObject(reuse);
    expect(await rotate(tokenHash)).toMatchObject(again);
    expect(await rotate(tokenHash, newId(), afterExpiry)).toMatchObject(again);
  });

  it("is told as reuse after its owner has signed out as well", async () => {
    await rotate(tokenHash);
    await own().end(id, now);

    expect(await rotate(tokenHash)).toMatchObject(again);
  });

  it("leaves no next token behind, and the session as it was last used", async () => {
    const nextHash = newId();
    await rotate(tokenHash);
    await rotate(tokenHash, nextHash, timestamp(11 * minute));

    expect(await rotate(nextHash)).toEqual({ outcome: "unknown" });
    const used = env.DB.prepare("SELECT last_used_at FROM sessions WHERE id = ?").bind(id);
    expect(await used.first("last_used_at")).toBe(now);
  });

  it("rotates once among fifty uses at once, ends the session once, and is reuse for the rest", async () => {
    const rotations = await Promise.all(Array.from({ length: 50 }, () => rotate(tokenHash)));

    const outcomes = Map.groupBy(rotations, ({ outcome }) => outcome);
    expect(outcomes.get("rotated")).toHaveLength(1);
    expect(outcomes.get("reused")).toHaveLength(49);
    expect(rotations.filter((one) => one.outcome === "reused" && one.hasEnded)).toHaveLength(1);
    expect((await standing(id)).live).toBe(false);
  });

  it("ends the session, in whatever order a family is presented", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 8 }), async (order) => {
        const session = await start();
        const family = [`first of ${session}`];
        const presented = new Set<string>();
        let isReused = false;
        for (const pick of order) {
          const token = family[pick % family.length] ?? "";
          const next = newId();
          const { outcome } = await rotate(token, next);
          isReused ||= presented.has(token);
          presented.add(token);
          if (outcome === "rotated") family.push(next);
        }
        expect((await standing(session)).live).toBe(!isReused);
      }),
      { numRuns: 25 },
    );
  });

  it("is reuse with the same next token too, once that one is spent", async () => {
    const nextHash = newId();
    await rotate(tokenHash, nextHash);
    const newest = newId();
    await rotate(nextHash, newest);

    expect(await rotate(tokenHash, nextHash)).toMatchObject(reuse);
    expect(await rotate(newest)).toEqual({ outcome: "ended" });
  });

  it("is reuse with the next token of another", async () => {
    const other = `first of ${await start()}`;
    await rotate(tokenHash);

    expect(await rotate(tokenHash, other)).toMatchObject(reuse);
    expect(await rotate(other)).toMatchObject({ outcome: "rotated" });
  });

  it("leaves the user's other sessions alone", async () => {
    const other = await start();
    await rotate(tokenHash);
    await rotate(tokenHash);

    expect((await standing(other)).live).toBe(true);
  });
});

describe("a renewal that is said again, as where its answer was lost", () => {
  it("is the same one, however often, and leaves one token to be spent", async () => {
    const nextHash = newId();
    const renewals = await Promise.all(
      Array.from({ length: 9 }, () => rotate(tokenHash, nextHash)),
    );

    expect(renewals).toEqual(Array(9).fill({ outcome: "rotated", sessionId: id, userId }));
    expect(await standing(id)).toEqual({ live: true, unspent: 1 });
    expect(await rotate(nextHash)).toMatchObject({ outcome: "rotated" });
  });

  it("brings no session back that has ended or expired", async () => {
    const nextHash = newId();
    await rotate(tokenHash, nextHash);
    expect(await rotate(tokenHash, nextHash, afterExpiry)).toEqual({ outcome: "expired" });
    await own().end(id, now);

    expect(await rotate(tokenHash, nextHash)).toEqual({ outcome: "ended" });
  });

  it("ends the session where two name different tokens at once: one of them is a thief", async () => {
    const [one, two] = [newId(), newId()];
    const outcomes = await Promise.all([one, two, one, two].map((next) => rotate(tokenHash, next)));

    expect(outcomes.map(({ outcome }) => outcome)).toContain("reused");
    expect((await standing(id)).live).toBe(false);
  });
});

describe("a fresh refresh token", () => {
  it("is not spent for a next one that is a token already, of whomever", async () => {
    const other = `first of ${await start()}`;
    for (const taken of [tokenHash, other]) {
      expect(await rotate(tokenHash, taken)).toEqual({ outcome: "taken" });
    }
    expect(await rotate(other)).toMatchObject({ outcome: "rotated" });
    expect(await rotate(tokenHash)).toMatchObject({ outcome: "rotated" });
  });

  it("rotates, names its session and user, and hands on to the next, as often as it is used", async () => {
    for (const nextHash of [newId(), newId(), newId()]) {
      expect(await rotate(tokenHash, nextHash)).toEqual({
        outcome: "rotated",
        sessionId: id,
        userId,
      });
      expect(await sessions.ownerOf(tokenHash)).toEqual({ sessionId: id, userId });
      tokenHash = nextHash;
    }
    expect(await standing(id)).toEqual({ live: true, unspent: 1 });
  });
});

describe("a user's sessions", () => {
  const at = timestamp(11 * minute);

  it("are nobody else's to see or to end", async () => {
    const stranger = new UserSessions(db, (await account()).id);

    expect(await stranger.list(id, now)).toEqual([]);
    expect(await stranger.end(id, now)).toBe(false);
    expect(await stranger.endOthers(null, now)).toEqual([]);
    expect((await standing(id)).live).toBe(true);
  });

  it("tell where they began, when they were last renewed, and which one asks", async () => {
    const other = await start();
    await rotate(tokenHash, newId(), at);

    const listed = await own().list(other, at);
    expect(listed).toHaveLength(2);
    expect(listed.find((session) => session.id === id)).toEqual({
      id,
      method: "password",
      address: "203.0.113.7",
      user_agent: "Firefox",
      current: false,
      created_at: now,
      last_used_at: at,
      expires_at: expiresAt,
    });
    expect(listed.find((session) => session.id === other)?.current).toBe(true);
  });

  it("are not listed once they have ended or expired", async () => {
    expect(await own().list(null, afterExpiry)).toEqual([]);
    await own().end(id, now);
    expect(await own().list(null, now)).toEqual([]);
  });

  it("can be ended again, and keep the moment of their end", async () => {
    expect(await own().end(id, now)).toBe(true);
    expect(await own().end(id, at)).toBe(true);

    const ended = env.DB.prepare("SELECT ended_at FROM sessions WHERE id = ?").bind(id);
    expect(await ended.first("ended_at")).toBe(now);
  });

  it("end all but one, each told once", async () => {
    const [one, two] = [await start(), await start()];

    expect(new Set(await own().endOthers(id, now))).toEqual(new Set([one, two]));
    expect(await own().endOthers(id, now)).toEqual([]);
    expect(await own().endOthers(null, now)).toEqual([id]);
  });

  it("end with a change of the password, but for the one that asks", async () => {
    const other = await start();
    const stranger = await account();

    const accounts = new Accounts(db);
    expect(await accounts.changePassword(userId, "hash", id, now)).toEqual([other]);
    expect(await accounts.changePassword(stranger.id, "hash", null, now)).toEqual([]);
    expect((await standing(id)).live).toBe(true);
  });

  it("are swept away with their tokens when their user signs in after they have expired", async () => {
    await sessions.start({
      id: SessionId.parse(newId()),
      userId,
      method: "password",
      address: null,
      userAgent: null,
      tokenHash: newId(),
      now: afterExpiry,
      expiresAt: timestamp(40 * minute),
    });

    expect(await rotate(tokenHash)).toEqual({ outcome: "unknown" });
  });
});
