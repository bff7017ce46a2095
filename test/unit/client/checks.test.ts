/** The SDK's own checks believe what the wire's schemas believe, but for bounds and formats. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { isFeedFrame } from "../../../src/client/account-frames.ts";
import * as entities from "../../../src/client/entities.ts";
import { isServerFrame } from "../../../src/client/thread-frames.ts";
import { FeedFrame } from "../../../src/protocol/account-feed.ts";
import * as api from "../../../src/protocol/api.ts";
import { Finding, Run, RunUsage, Thread, User } from "../../../src/protocol/entities.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import { inputOf, requiredPaths, without } from "../protocol/arbitraries.ts";

const CHECKED: readonly [name: string, schema: z.ZodType, check: (value: unknown) => boolean][] = [
  ["a frame of a thread", ServerFrame, isServerFrame],
  ["a frame of the feed", FeedFrame, isFeedFrame],
  ["a problem", Problem, entities.isProblem],
  ["a user", User, entities.isUser],
  ["credentials", api.Credentials, entities.isCredentials],
  ["a thread", Thread, entities.isThread],
  ["a page of threads", api.ThreadPage, entities.isThreadPage],
  ["a page of messages", api.MessagePage, entities.isMessagePage],
  ["an accepted message", api.AcceptedMessage, entities.isAcceptedMessage],
  ["a ticket", api.Ticket, entities.isTicket],
  ["a run", Run, entities.isRun],
  ["a run's usage", RunUsage, entities.isRunUsage],
  ["a finding", Finding, entities.isFinding],
  ["a receipt of a cancel", api.CancelReceipt, entities.isCancelReceipt],
];

/**
 * What people read and no program acts on is taken as it comes: to check it all would cost a page more. So
 * is what went wrong, and what is wrong with a field: newer servers name more of it.
 */
const isRead = (path: readonly string[]) =>
  path.some((name) => name === "outcome" || name === "report") || path.at(-1) === "code";

/** One of each kind of value that JSON has. */
const KINDS: readonly unknown[] = [null, true, 7, "text", [], {}];

/** Faults of form: a value of another kind than is promised, or one that is not among those there are. */
const FORM = ["invalid_type", "invalid_union", "invalid_value", "invalid_element"];

function isOfAnotherForm(schema: z.ZodType, value: unknown): boolean {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.some(({ code }) => FORM.includes(code));
}

/** @returns the paths of everything within a value, itself included. */
function paths(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const within = Object.entries(value).flatMap(([key, inner]) =>
    paths(inner).map((path) => [key, ...path]),
  );
  return [[], ...within];
}

/** @returns a copy of a value with something else at the path. */
function replaced(value: unknown, [head, ...rest]: readonly string[], other: unknown): unknown {
  if (head === undefined || typeof value !== "object" || value === null) return other;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    key === head ? replaced(inner, rest, other) : inner,
  ]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

describe.each(CHECKED)("%s", (_name, schema, check) => {
  test("is not believed without a field that it promises", () => {
    fc.assert(
      fc.property(inputOf(schema), (value) => {
        for (const path of requiredPaths(schema, value).filter((path) => !isRead(path))) {
          expect(check(without(value, path)), path.join(".")).toBe(false);
        }
      }),
    );
  });

  test("is not believed with anything of another form in it", () => {
    const changed = inputOf(schema).chain((value) =>
      fc
        .tuple(
          fc.constantFrom(...paths(value).filter((path) => !isRead(path))),
          fc.constantFrom(...KINDS),
        )
        .map(([path, other]) => replaced(value, path, other)),
    );
    fc.assert(
      fc.property(changed, (value) => {
        expect(check(value)).toBe(!isOfAnotherForm(schema, value));
      }),
      { numRuns: 500 },
    );
  });

  test("is believed as the server says it, and with fields that this version does not know", () => {
    fc.assert(
      fc.property(inputOf(schema), (value) => {
        expect(check(value)).toBe(true);
        if (typeof value === "object") expect(check({ ...value, mood: "sunny" })).toBe(true);
      }),
    );
  });
});

test("nobody is signed in by credentials that lack the time of their renewal", () => {
  fc.assert(
    fc.property(inputOf(api.Credentials), fc.nat(), (credentials, renew_at) => {
      expect(entities.isStoredCredentials(credentials)).toBe(false);
      expect(entities.isStoredCredentials({ ...Object(credentials), renew_at })).toBe(true);
    }),
  );
});
