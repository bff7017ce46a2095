/** The wire changes only together with its version: the history holds a fingerprint of the schemas. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { PROTOCOL_HISTORY, PROTOCOL_VERSION } from "../../../src/protocol/version.ts";
import { BODIES, COMMANDS, FEED, FRAMES } from "./wire-schemas.ts";

/** @returns the SHA-256 of every wire schema as JSON Schema, without the words that describe it. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const [name, schema] of [...FRAMES, ...FEED, ...COMMANDS, ...BODIES]) {
    const shape = JSON.stringify(z.toJSONSchema(schema, { io: "input" }), (key, value: unknown) =>
      key === "description" && typeof value === "string" ? undefined : value,
    );
    hash.update(`${name} ${shape}\n`);
  }
  return hash.digest("hex");
}

// To recompute the fingerprint: run this test and copy the one its failure prints.
test("the wire is the one that the newest version describes", () => {
  const actual = fingerprint();
  expect(
    PROTOCOL_HISTORY.at(-1)?.fingerprint,
    `The wire changed. Add a version to PROTOCOL_HISTORY in src/protocol/version.ts that says what changed, with fingerprint: "${actual}"`,
  ).toBe(actual);
});

test("each version has a number, a date and a fingerprint of its own, in order", () => {
  const numbers = PROTOCOL_HISTORY.map(({ version }) => version.split(".").map(Number));
  expect(numbers.every((parts) => parts.length === 2 && parts.every(Number.isInteger))).toBe(true);
  expect(numbers).toEqual(numbers.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));

  const released = PROTOCOL_HISTORY.map((version) => z.iso.date().parse(version.released));
  expect(released).toEqual(released.toSorted());

  for (const of of ["version", "fingerprint"] as const) {
    expect(new Set(PROTOCOL_HISTORY.map((version) => version[of])).size).toBe(
      PROTOCOL_HISTORY.length,
    );
  }
  expect(PROTOCOL_VERSION).toBe(PROTOCOL_HISTORY.at(-1)?.version);
});
