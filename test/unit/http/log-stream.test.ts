/** Frames of an object as server-sent events: told as the object wrote them. */
import { expect, test } from "vitest";
import { tellLog } from "../../../src/http/log-stream.ts";
import { Epoch } from "../../../src/protocol/ids.ts";

const EPOCH = Epoch.parse("01920000-0000-7000-8000-000000000001");
const ready = { type: "ready", seq: null };
const heard = (frame: { type: string; seq: number | null }, text = JSON.stringify(frame)) => ({
  frame,
  text,
});

test("Nothing is told before a connection has said which log it tells", () => {
  const tell = tellLog<{ type: string; seq: number | null }>(() => null);
  expect(tell(heard({ type: "told", seq: 1 }))).toEqual({ text: "", last: false });
});

test("A frame keeps what this version does not know: an object of a newer one may say more", () => {
  const tell = tellLog<{ type: string; seq: number | null }>(({ type }) =>
    type === "ready" ? EPOCH : null,
  );
  tell(heard(ready));
  const written = '{"type":"told","seq":7,"of_a_newer_version":true}';
  expect(tell(heard({ type: "told", seq: 7 }, written)).text).toBe(
    `event: told\nid: ${EPOCH}.7\ndata: ${written}\n\n`,
  );
});

test("What the filter leaves out is not told, and may be the last all the same", () => {
  const tell = tellLog<{ type: string; seq: number | null }>(
    () => EPOCH,
    ({ seq }) => ({ tell: false, last: seq === 7 }),
  );
  expect(tell(heard({ type: "told", seq: 7 }))).toEqual({ text: "", last: true });
});
