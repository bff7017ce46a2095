/**
 * What an operator looks up of a user: the audit log, and what the history refused.
 * @vitest-environment happy-dom
 */
import { within } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { AT } from "../../client/frames.ts";
import { type Routes, strike } from "../stage.tsx";
import { answer, loadRoom, open, press, region, type } from "./operator-stage.tsx";

beforeAll(loadRoom);
afterEach(strike);

describe("the audit log of a user", () => {
  const event = (id: string, action: string) => ({
    ...{ id, action, at: AT, by: "session:s1", address: "203.0.113.7" },
    ...{ user_agent: null, subject: null },
  });

  test("asks for the id, and says where nothing is known", async () => {
    await open({
      "GET /api/operator/audit/nobody": answer({ data: [], has_more: false, next_cursor: null }),
    });
    const audit = await region("Audit log of a user");
    press("Look up", audit);
    await within(audit).findByText("Please fill this in.");
    type("User id", " nobody ", audit);
    press("Look up", audit);
    await within(audit).findByText("Nothing is known of this user.");
  });

  test("is shown page by page", async () => {
    await open({
      "GET /api/operator/audit/u1": ({ query }) =>
        query.get("cursor") === "next"
          ? answer({ data: [event("e2", "account_created")], has_more: false, next_cursor: null })()
          : answer({ data: [event("e1", "signed_in")], has_more: true, next_cursor: "next" })(),
    });
    const audit = await region("Audit log of a user");
    type("User id", "u1", audit);
    press("Look up", audit);
    await within(audit).findByText("signed_in");
    press("Show more", audit);
    await within(audit).findByText("account_created");
    within(audit).getByText("signed_in");
  });
});

describe("the dead letters of a thread", () => {
  const PATH = "/api/operator/threads/u1/t1/dead-letters";
  const letter = (id: number, refused_at = AT) => ({
    ...{ id, kind: "message", subject_id: `m${id}`, version: id, characters: 10 },
    ...{ reason: "SQLITE_CONSTRAINT_CHECK", refused_at },
  });

  async function lookUp(routes: Routes) {
    await open(routes);
    const part = await region("Dead letters of a thread");
    type("User id", "u1", part);
    type("Thread id", "t1", part);
    press("Look up", part);
    return part;
  }

  test("of nobody's thread are not there", async () => {
    const part = await lookUp({});
    await within(part).findByRole("alert");
  });

  test("that are refused once more are said to be", async () => {
    let refusedAt = AT;
    const part = await lookUp({
      [`GET ${PATH}`]: () => answer({ data: [letter(1, refusedAt)], total: 1 })(),
      [`POST ${PATH}/replay`]: () => {
        refusedAt = "2026-11-21T09:00:00.000Z";
        return { status: 202, body: { replayed: 1 } };
      },
    });
    await within(part).findByText("SQLITE_CONSTRAINT_CHECK");
    press("Send again", part);
    await within(part).findByText("1 row was refused again.");
  });

  test("that D1 takes now have arrived", async () => {
    let letters = [letter(1), letter(2)];
    const part = await lookUp({
      [`GET ${PATH}`]: () => answer({ data: letters, total: letters.length })(),
      [`POST ${PATH}/replay`]: () => {
        letters = [];
        return { status: 202, body: { replayed: 2 } };
      },
    });
    await within(part).findByText("2 dead letters.");
    press("Send again", part);
    await within(part).findByText("2 rows have arrived.");
    expect(within(part).queryByRole("table")).toBeNull();
  });
});
