/** What may befall a thread, as plain data: the steps that a property strings together at random. */
import fc from "fast-check";

/** People who follow the thread, each on one socket at a time. */
export const PEOPLE = 3;

const person = fc.nat({ max: PEOPLE - 1 });
/** Which of the runs that are known. */
const which = fc.nat({ max: 9 });
const door = fc.constantFrom("socket", "http");

const send = fc.record({
  do: fc.constant("send"),
  person,
  door,
  /** The client_message_id; null: none is sent. */
  key: fc.option(fc.constantFrom("a", "b", "c", "d"), { freq: 6 }),
  /** The content under that id: the second one contradicts the first. */
  content: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(2) },
  ),
  /** Whether the next step waits for the answer. */
  waits: fc.boolean(),
});

const model = fc.record({
  do: fc.constant("model"),
  act: fc.constantFrom("text", "text", "tool", "finish", "finish", "fail", "break"),
});

const step = fc.oneof(
  { weight: 6, arbitrary: send },
  { weight: 8, arbitrary: model },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("connect"), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disconnect"), person }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("resume"), person, anew: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel"), person, door, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("alarm") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("outage"), begins: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename") }) },
  /** Milliseconds that the object's clock jumps ahead. */
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.constantFrom(1_100, 5_100, 61_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One step; each is possible at any time, and does nothing where it makes no sense. */
export type Command = Step;

/** @returns stories of at most so many steps. */
export function stories(longest: number): fc.Arbitrary<Command[]> {
  return fc.array(step, { minLength: 3, maxLength: longest, size: "max" });
}
