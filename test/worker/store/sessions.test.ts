/** Sessions: a refresh token is worth one rotation, and a second use of it ends everything. */
import { beforeEach, describe, expect, it } from "vitest";
import { newId, timestamp } from "../../../src/core/clock.ts";
import { SessionId, type UserId } from "../../../src/protocol/ids.ts";
import { Sessions } from "../../../src/store/sessions.ts";
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
  await sessions.start({ id: session, userId, tokenHash: `first of ${session}`, now, expiresAt });
  return session;
}

beforeEach(async () => {
  userId = (await account()).id;
  id = await start();
  tokenHash = `first of ${id}`;
});

describe("a refresh token that is not worth a rotation", () => {
  it("is unknown where nobody was given it, and ends no session", async () => {
    expect(await sessions.rotate({ tokenHash: "made up", nextHash: newId(), now })).toEqual({
      outcome: "unknown",
    });
    expect(await sessions.isLive(id, now)).toBe(true);
  });

  it("is expired from the very moment its session expires", async () => {
    const rotation = await sessions.rotate({ tokenHash, nextHash: newId(), now: afterExpiry });

    expect(rotation).toEqual({ outcome: "expired" });
  });

  it("is ended after its session was ended", async () => {
    await sessions.end(id, now);

    expect(await sessions.rotate({ tokenHash, nextHash: newId(), now })).toEqual({
      outcome: "ended",
    });
  });

  it("leaves no next token behind", async () => {
    const nextHash = newId();
    await sessions.rotate({ tokenHash, nextHash, now: afterExpiry });

    expect(await sessions.rotate({ tokenHash: nextHash, nextHash: newId(), now })).toEqual({
      outcome: "unknown",
    });
  });
});

describe("a refresh token used twice", () => {
  it("is reuse, and ends the session for its newest token too", async () => {
    const newest = newId();
    await sessions.rotate({ tokenHash, nextHash: newest, now });

    expect(await sessions.rotate({ tokenHash, nextHash: newId(), now })).toEqual({
      outcome: "reused",
    });

    expect(await sessions.isLive(id, now)).toBe(false);
    expect(await sessions.rotate({ tokenHash: newest, nextHash: newId(), now })).toEqual({
      outcome: "ended",
    });
  });

  it("rotates exactly once among five uses at once, counts the rest as reuse and ends", async () => {
    const rotations = await Promise.all(
      Array.from({ length: 5 }, () => sessions.rotate({ tokenHash, nextHash: newId(), now })),
    );

    expect(rotations.map(({ outcome }) => outcome).sort()).toEqual([
      "reused",
      "reused",
      "reused",
      "reused",
      "rotated",
    ]);
    expect(await sessions.isLive(id, now)).toBe(false);
  });

  it("leaves the user's other sessions alone", async () => {
    const other = await start();
    await sessions.rotate({ tokenHash, nextHash: newId(), now });
    await sessions.rotate({ tokenHash, nextHash: newId(), now });

    expect(await sessions.isLive(other, now)).toBe(true);
  });
});

describe("a fresh refresh token", () => {
  it("rotates, names its session and user, and hands on to the next, as often as it is used", async () => {
    for (const nextHash of [newId(), newId(), newId()]) {
      expect(await sessions.rotate({ tokenHash, nextHash, now })).toEqual({
        outcome: "rotated",
        sessionId: id,
        userId,
      });
      tokenHash = nextHash;
    }
    expect(await sessions.isLive(id, now)).toBe(true);
  });
});

describe("a session", () => {
  it("is not live where it does not exist, has ended or has expired", async () => {
    expect(await sessions.isLive(SessionId.parse("nobody's"), now)).toBe(false);
    expect(await sessions.isLive(id, afterExpiry)).toBe(false);
    await sessions.end(id, now);
    expect(await sessions.isLive(id, now)).toBe(false);
  });

  it("ends by any token it ever had, spent or not", async () => {
    await sessions.rotate({ tokenHash, nextHash: newId(), now });
    await sessions.endByToken(tokenHash, now);

    expect(await sessions.isLive(id, now)).toBe(false);
  });

  it("is not ended by an unknown token", async () => {
    await sessions.endByToken("made up", now);

    expect(await sessions.isLive(id, now)).toBe(true);
  });

  it("is swept away with its tokens when its user signs in after it has expired", async () => {
    await sessions.start({
      id: SessionId.parse(newId()),
      userId,
      tokenHash: newId(),
      now: afterExpiry,
      expiresAt: timestamp(40 * minute),
    });

    expect(await sessions.rotate({ tokenHash, nextHash: newId(), now })).toEqual({
      outcome: "unknown",
    });
  });
});
