/**
 * What was once written is still read: every type of the wire has an example in golden/, written as
 * it travels, and a whole conversation of then folds to what a person saw of it then. A failure says
 * that old journals, old histories or old clients would be misread: change the code, not the example.
 */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MessagePage } from "../../../src/protocol/api.ts";
import { ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { project, withHistory } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { golden, goldenLines } from "./golden.ts";
import { BODIES, COMMANDS, FEED, FRAMES } from "./wire-schemas.ts";

const Head = z.object({ type: z.string() });
const bodies = z.record(z.string(), z.array(z.unknown()).min(1)).parse(golden("bodies"));

describe.each([
  ["frame", "conversation", FRAMES, ""],
  ["frame of the feed", "feed", FEED, "feed "],
  ["command", "commands", COMMANDS, ""],
] as const)("every %s", (_, file, schemas, prefix) => {
  const lines = goldenLines(file);
  const nameOf = (line: string) => prefix + Head.parse(JSON.parse(line)).type;

  test("has an example, and no example is of a type that is none", () => {
    expect(new Set(lines.map(nameOf))).toEqual(new Set(schemas.map(([name]) => name)));
  });

  test.each(schemas)(
    "%s is read from its examples, and written again byte for byte",
    (name, schema) => {
      for (const line of lines.filter((one) => nameOf(one) === name)) {
        expect(JSON.stringify(schema.parse(JSON.parse(line)))).toBe(line);
      }
    },
  );
});

describe("every body", () => {
  test("has an example, and no example is of a body that is none", () => {
    expect(new Set(Object.keys(bodies))).toEqual(new Set(BODIES.map(([name]) => name)));
  });

  test.each(BODIES)(
    "%s is read from its examples, and written again as they stand",
    (name, schema) => {
      for (const example of bodies[name] ?? []) {
        expect(JSON.stringify(schema.parse(example))).toBe(JSON.stringify(example));
      }
    },
  );
});

describe("the conversation of then", () => {
  const frames = goldenLines("conversation").map((line) => ServerFrame.parse(JSON.parse(line)));
  const whole = frames.reduce(project, EMPTY_THREAD);
  const { data: history } = MessagePage.parse(golden("conversation-history"));

  test("is a log without a gap", () => {
    const seqs = frames.filter(isLogged).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test("is seen as it was then", () => {
    expect(whole).toEqual(golden("conversation-view"));
  });

  test("is seen the same from its history, with what was superseded and without", () => {
    for (const saved of [history, history.filter((message) => message.superseded_by === null)]) {
      expect(withHistory(EMPTY_THREAD, saved).messages).toEqual(whole.messages);
    }
  });

  test("is seen the same from each place on where its connection may have been cut", () => {
    for (const [cut] of frames.entries()) {
      const before = frames.slice(0, cut).reduce(project, EMPTY_THREAD);
      const resumed = frames.filter((frame) => !isLogged(frame) || frame.seq > before.lastSeq);
      expect(resumed.reduce(project, before)).toEqual(whole);
    }
  });
});
