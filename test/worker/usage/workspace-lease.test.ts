/** The lease of a workspace's one writer, over real D1: who waits, for how long, and what a failure leaves. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { WorkspaceLease } from "../../../src/usage/workspace-lease.ts";
import { standing } from "../../unit/usage/workspaces.ts";

const STATEMENT_MS = 400;

async function leaseOf(workspaceId: string): Promise<WorkspaceLease> {
  await standing(env.DB, workspaceId);
  return new WorkspaceLease({
    db: env.DB,
    workspaceId,
    statementMs: STATEMENT_MS,
    clock: systemClock,
  });
}

const left = (workspaceId: string, column: "holder" | "until" = "holder") =>
  env.DB.prepare(`SELECT ${column} FROM usage_leases WHERE workspace_id = ?`)
    .bind(workspaceId)
    .first(column);

const fail = () => Promise.reject(new Error("The server is gone."));
const nothing = async () => {};

it("has one at work at a time, and leaves nothing", async () => {
  const lease = await leaseOf("in-turn");
  let atWork = 0;
  let most = 0;
  const work = async () => {
    atWork += 1;
    most = Math.max(most, atWork);
    await systemClock.sleep(5);
    atWork -= 1;
    return most;
  };
  await Promise.all(Array.from({ length: 5 }, (_, index) => lease.hold(`n${index}`, work)));
  expect(most).toBe(1);
  expect(await left("in-turn")).toBeNull();
});

it("is of its own workspace", async () => {
  const [one, other] = [await leaseOf("lease-a"), await leaseOf("lease-b")];
  await one.hold("me", () => other.hold("you", nothing));
});

it("says when to try again, where another has it for longer than one waits", async () => {
  const lease = await leaseOf("long");
  await lease.hold("me", async () => {
    const waiting = lease.hold("you", nothing);
    await expect(waiting).rejects.toMatchObject({ code: "unavailable", retryAfter: 1 });
  });
});

it("does not keep who has it waiting", async () => {
  const lease = await leaseOf("mine-again");
  await lease.hold("me", () => lease.hold("me", nothing));
});

it("is free at once where work failed before anything was sent", async () => {
  const lease = await leaseOf("unsent");
  await expect(lease.hold("me", fail)).rejects.toThrow("gone");
  expect(await left("unsent")).toBeNull();
});

it("holds others back, where work failed, until what was sent must have arrived", async () => {
  const lease = await leaseOf("sent");
  const failing = lease.hold("me", ({ sending }) => {
    sending();
    return fail();
  });
  await expect(failing).rejects.toThrow("gone");
  expect(await left("sent")).toBe("me");
  const until = await left("sent", "until");
  const admitted = await lease.hold("you", async () => systemClock.now());
  expect(admitted).toBeGreaterThanOrEqual(Number(until));
  expect(until).toBeGreaterThan(0);
  expect(await left("sent")).toBeNull();
});

it("is nobody's, where the workspace is nobody's", async () => {
  const lease = new WorkspaceLease({
    db: env.DB,
    workspaceId: "nobody",
    statementMs: STATEMENT_MS,
    clock: systemClock,
  });
  await expect(lease.hold("me", nothing)).rejects.toMatchObject({ code: "forbidden" });
  expect(await left("nobody")).toBeNull();
});
