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

/** Uses a token; how long ago one may have been spent is the caller's to say, by default not at all. */
function rotate(tokenHash: string, nextHash = newId(), at = now, graceSince = at) {
  return sessions.rotate({ tokenHash, nextHash, now: at, graceSince });
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
  it("is reuse, and ends the session for its newest token too", async () => {
    const newest = newId();
    await rotate(tokenHash, newest);

    expect(await rotate(tokenHash)).toEqual({ outcome: "reused", sessionId: id, userId });

    expect((await standing(id)).live).toBe(false);
    expect(await rotate(newest)).toEqual({ outcome: "ended" });
  });

  it("is told as reuse once: from then on the session has ended", async () => {
    await rotate(tokenHash);
    await rotate(tokenHash);

    expect(await rotate(tokenHash)).toEqual({ outcome: "ended" });
  });

  it("leaves the user's other sessions alone", async () => {
    const other = await start();
    await rotate(tokenHash);
    await rotate(tokenHash);

    expect((await standing(other)).live).toBe(true);
  });
});

describe("a spent token that is presented again within its grace", () => {
  const soon = timestamp(10 * minute + 29_999);
  const late = timestamp(10 * minute + 30_000);
  const again = (token: string, at = soon) =>
    rotate(token, newId(), at, timestamp(Date.parse(at) - 30_000));

  it("is reuse where its successor was used, be it this very moment", async () => {
    const successor = newId();
    await rotate(tokenHash, successor);
    await rotate(successor);

    expect(await again(tokenHash)).toMatchObject({ outcome: "reused" });
    expect((await standing(id)).live).toBe(false);
  });

  it("is reuse from the moment its grace is over, though its successor was not used", async () => {
    await rotate(tokenHash);

    expect(await again(tokenHash, late)).toMatchObject({ outcome: "reused" });
  });

  it("is not given more time by being presented again", async () => {
    await rotate(tokenHash);
    expect(await again(tokenHash)).toMatchObject({ outcome: "rotated" });

    expect(await again(tokenHash, late)).toMatchObject({ outcome: "reused" });
  });

  it("is nothing worth once the session has ended", async () => {
    await rotate(tokenHash);
    await own().end(id, now);

    expect(await again(tokenHash)).toEqual({ outcome: "ended" });
  });

  it("gets another successor, and the unused one ends the session where it turns up", async () => {
    const unused = newId();
    const fresh = newId();
    await rotate(tokenHash, unused);

    expect(await rotate(tokenHash, fresh, soon, timestamp(9 * minute))).toEqual({
      outcome: "rotated",
      sessionId: id,
      userId,
    });
    expect(await standing(id)).toEqual({ live: true, unspent: 1 });

    expect(await again(unused)).toMatchObject({ outcome: "reused" });
    expect(await rotate(fresh)).toEqual({ outcome: "ended" });
  });

  it("a hundred times at once leaves one token of the session, which works", async () => {
    const hashes = Array.from({ length: 100 }, () => newId());
    const since = timestamp(9 * minute);
    await Promise.all(hashes.map((hash) => rotate(tokenHash, hash, now, since)));

    expect(await standing(id)).toEqual({ live: true, unspent: 1 });
    const last = await env.DB.prepare(
      "SELECT token_hash FROM refresh_tokens WHERE session_id = ? AND spent_at IS NULL",
    )
      .bind(id)
      .first<string>("token_hash");
    expect(await rotate(last ?? "")).toMatchObject({ outcome: "rotated" });
  });

  it("never leaves two tokens of worth, in whatever order a family is presented", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 8 }), async (order) => {
        const session = await start();
        const family = [`first of ${session}`];
        for (const pick of order) {
          const next = newId();
          const token = family[pick % family.length] ?? "";
          const { outcome } = await rotate(token, next, now, timestamp(9 * minute));
          if (outcome === "rotated") family.push(next);
        }
        // An ended session has one too, which is worth nothing then.
        expect((await standing(session)).unspent).toBe(1);
      }),
      { numRuns: 25 },
    );
  });
});

describe("a fresh refresh token", () => {
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
