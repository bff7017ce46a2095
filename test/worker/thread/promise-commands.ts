/** What may befall a thread, as plain data: the steps that a property strings together at random. */
import fc from "fast-check";

/** People who follow the thread, each on one connection at a time. */
export const PEOPLE = 3;

const person = fc.nat({ max: PEOPLE - 1 });
/** Which of the messages, or of their runs, that are known. */
const which = fc.nat({ max: 9 });
const door = fc.constantFrom("socket", "http");

const send = fc.record({
  do: fc.constant("send"),
  person,
  door,
  /** The client_message_id; null: none is sent. */
  key: fc.option(fc.constantFrom("a", "b", "c", "d"), { freq: 6 }),
  /** The content under that id: any other one contradicts the first. The history may refuse poison. */
  content: fc.oneof(
    { weight: 6, arbitrary: fc.constant("plain") },
    { weight: 1, arbitrary: fc.constant("other") },
    { weight: 2, arbitrary: fc.constant("poison") },
  ),
  queueing: fc.oneof(
    { weight: 6, arbitrary: fc.constant("queue") },
    { weight: 1, arbitrary: fc.constant("interrupt") },
    { weight: 1, arbitrary: fc.constant("reject") },
  ),
  /** Which message it takes the place of; null: none. */
  replaces: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: which }),
  /** Whether the next step waits for the answer. */
  waits: fc.boolean(),
});

const model = fc.record({
  do: fc.constant("model"),
  act: fc.constantFrom("text", "text", "read", "act", "finish", "finish", "fail", "break"),
});

const step = fc.oneof(
  { weight: 6, arbitrary: send },
  { weight: 8, arbitrary: model },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("connect"),
      person,
      over: fc.constantFrom("socket", "socket", "stream"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disconnect"), person }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("resume"), person, anew: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel"), person, door, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die") }) },
  /** New code is deployed: every object goes, for no fault of what it did. */
  { weight: 1, arbitrary: fc.record({ do: fc.constant("update") }) },
  /** The next transaction of the object fails. */
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stumble") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("alarm") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("history"),
      is: fc.constantFrom("well", "well", "failing", "silent", "unheard"),
    }),
  },
  /** Whether the history refuses poison, for good. */
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refusal"), begins: fc.boolean() }) },
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

/** What happens to a thread, and whether it is deleted in the end. */
export interface Story {
  readonly steps: readonly Command[];
  readonly deleted: boolean;
}

/** @returns stories of at most so many steps. */
export function stories(longest: number): fc.Arbitrary<Story> {
  return fc.record({
    steps: fc.array(step, { minLength: 3, maxLength: longest, size: "max" }),
    deleted: fc.oneof(
      { weight: 4, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  });
}
