/** The event log as an event stream: any parser reads it back, and its ids name positions. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LoggedEvent, ServerFrame } from "../../../src/protocol/events.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { Epoch, ResumeSeq } from "../../../src/protocol/ids.ts";
import { parseEventId } from "../../../src/protocol/position.ts";
import { formatEventId, formatServerSentEvent, SSE_HEARTBEAT } from "../../../src/protocol/sse.ts";
import { parsedOf } from "./arbitraries.ts";

/** An epoch as the server makes them: an identifier, safe in a header and on a line. */
const epoch = fc.uuid({ version: 7 }).map((id) => Epoch.parse(id));

function read(stream: string, chunkLength = stream.length): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  for (let at = 0; at < stream.length; at += chunkLength) {
    parser.feed(stream.slice(at, at + chunkLength));
  }
  return messages;
}

describe("an event id", () => {
  test.each([
    ["nothing", ""],
    ["no seq", "epoch"],
    ["an empty seq", "epoch."],
    ["an empty epoch", ".1"],
    ["a negative seq", "epoch.-1"],
    ["a fraction", "epoch.1e3"],
    ["a sign", "epoch.+1"],
    ["a space", "epoch. 1"],
    ["another script's digits", "epoch.١"],
    ["a seq past what a number holds", "epoch.9007199254740993"],
    ["more digits than a seq has", "epoch.99999999999999999999"],
    ["an epoch too long", `${"e".repeat(65)}.1`],
  ])("with %s names no position", (_name, id) => {
    expect(parseEventId(id)).toBeNull();
  });

  test("gives back the epoch and the seq it was made of", () => {
    fc.assert(
      fc.property(parsedOf(Epoch), parsedOf(ResumeSeq), (epoch, after) => {
        expect(parseEventId(formatEventId(epoch, after))).toEqual({ epoch, after });
      }),
    );
  });
});

describe("an event stream", () => {
  test("is read back frame by frame, wherever it is cut", () => {
    fc.assert(
      fc.property(
        epoch,
        fc.array(parsedOf(ServerFrame), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 200 }),
        (epoch, frames, chunkLength) => {
          const stream = frames.map((frame) => formatServerSentEvent(epoch, frame)).join("");
          const messages = read(SSE_HEARTBEAT + stream + SSE_HEARTBEAT, chunkLength);
          expect(messages.map(({ event }) => event)).toEqual(frames.map(({ type }) => type));
          expect(messages.map(({ data }) => ServerFrame.parse(JSON.parse(data)))).toEqual(frames);
        },
      ),
    );
  });

  test("gives an id to the events of the log, and to nothing else", () => {
    fc.assert(
      fc.property(epoch, parsedOf(ServerFrame), (epoch, frame) => {
        const [message] = read(formatServerSentEvent(epoch, frame));
        expect(message?.id).toBe(isLogged(frame) ? formatEventId(epoch, frame.seq) : undefined);
      }),
    );
  });

  test("has one line for each field, so that no content can forge another event", () => {
    fc.assert(
      fc.property(epoch, parsedOf(LoggedEvent), (epoch, event) => {
        const block = formatServerSentEvent(epoch, event);
        expect(block.split(/\r\n|\r|\n/)).toEqual([
          expect.stringMatching(/^event: /),
          expect.stringMatching(/^id: /),
          expect.stringMatching(/^data: /),
          "",
          "",
        ]);
      }),
    );
  });

  test("is kept alive by a comment that no client takes for an event", () => {
    expect(read(SSE_HEARTBEAT.repeat(3))).toEqual([]);
  });
});
