/** Wrong passwords, counted: whoever guesses waits ever longer, and whoever knows it is let in. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { PasswordCheck } from "../../../src/auth/password-check.ts";
import { hashPassword } from "../../../src/auth/passwords.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { Accounts } from "../../../src/store/accounts.ts";
import { SignInFailures } from "../../../src/store/sign-in-failures.ts";
import { db, person } from "./people.ts";

const MINUTE = 60_000;
const password = "correct horse battery";
const passwordHash = await hashPassword(password);

/** A clock that stands, and writes down how long it was asked to sleep. */
class NotingClock implements Clock {
  time = Date.UTC(2026, 10, 21, 12);
  slept: number[] = [];
  now = () => this.time;
  sleep = async (milliseconds: number) => {
    this.slept.push(milliseconds);
  };
}

let clock: NotingClock;
let check: PasswordCheck;
let email: string;
beforeEach(async () => {
  clock = new NotingClock();
  const accounts = new Accounts(db);
  check = new PasswordCheck(accounts, new SignInFailures(db), clock);
  const user = person();
  email = user.email;
  await accounts.create(user, passwordHash);
});

async function guess(times: number, whose = email): Promise<void> {
  for (let time = 0; time < times; time += 1) await check.check(whose, "wrong");
}

describe("a wrong password", () => {
  it("costs nothing three times, then twice as long each time, and 8 seconds at most", async () => {
    await guess(11);

    expect(clock.slept).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it("waits as long where there is no such account, and is answered alike", async () => {
    await guess(5, "nobody@example.com");

    expect(clock.slept).toEqual([250, 500]);
    expect(await check.check("nobody@example.com", "wrong")).toEqual({
      matches: false,
      account: null,
    });
  });

  it("slows down nobody else", async () => {
    await guess(6);
    clock.slept = [];

    await guess(1, "grace@example.com");

    expect(clock.slept).toEqual([]);
  });

  it("is counted also where many come at once", async () => {
    await Promise.all(Array.from({ length: 6 }, () => check.check(email, "wrong")));

    expect(clock.slept.toSorted((one, other) => one - other)).toEqual([250, 500, 1_000]);
  });

  it("waits before the password is looked at, right or wrong", async () => {
    await guess(3);
    const asleep = Promise.withResolvers<void>();
    clock.sleep = () => asleep.promise;
    let done = false;
    const checked = check.check(email, password).then((verdict) => {
      done = true;
      return verdict;
    });

    await env.DB.prepare("SELECT 1").first();
    expect(done).toBe(false);
    asleep.resolve();
    expect((await checked).matches).toBe(true);
  });

  it("is forgotten after a quarter of an hour, and swept away with those of everybody", async () => {
    await guess(5);
    await guess(1, "grace@example.com");
    clock.slept = [];
    clock.time += 15 * MINUTE;

    await guess(1);

    expect(clock.slept).toEqual([]);
    const rows = env.DB.prepare("SELECT count(*) AS n FROM sign_in_failures");
    expect(await rows.first("n")).toBe(1);
  });

  it("is remembered for a quarter of an hour since the last", async () => {
    await guess(3);
    clock.time += 15 * MINUTE - 1;

    await guess(1);

    expect(clock.slept).toEqual([250]);
  });

  it("leaves no email address in the table", async () => {
    await guess(1);

    const rows = await env.DB.prepare("SELECT * FROM sign_in_failures").all();
    expect(JSON.stringify(rows.results)).not.toContain(email);
  });
});

describe("the right password", () => {
  it("is let in however often others were wrong, and clears the count", async () => {
    await guess(12);
    expect(await check.check(email, password)).toMatchObject({ matches: true });
    clock.slept = [];

    await guess(3);

    expect(clock.slept).toEqual([]);
  });
});
