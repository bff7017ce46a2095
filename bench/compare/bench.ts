/** What every measurement is given: the contenders that run, the model they ask, how much to do. */
import type { StepInput } from "../../test/model-server/step.ts";
import { untilAtRest } from "../machine-rest.ts";
import { rotated } from "../rotated.ts";
import { type Contender, NAMES, type Name } from "./contender.ts";
import type { Samples } from "./figures.ts";
import type { ScriptedModel } from "./model.ts";

/** How much is done. */
export interface Extent {
  /** Turns that count for nothing: code is loaded and compiled in them. */
  readonly warmup: number;
  readonly turns: number;
  readonly pacedTurns: number;
  /** Turns whose bytes written are read from the databases' logs. */
  readonly weighedTurns: number;
  readonly deltas: number;
  readonly cpuRounds: number;
  readonly crowdRounds: number;
  readonly connections: number;
  readonly connectSeconds: number;
  readonly settleSeconds: number;
  readonly reconnects: number;
  readonly longConversation: number;
  readonly loadRounds: number;
  readonly loadSeconds: number;
  readonly loadClients: number;
  readonly countedTurns: number;
}

export interface Bench {
  readonly contenders: Readonly<Record<Name, Contender>>;
  readonly model: ScriptedModel;
  readonly samples: Samples;
  readonly extent: Extent;
}

export const QUESTION = "Where does our money go?";
/** How long a model takes to begin, where the one who asked is to be gone by then, in milliseconds. */
export const THINKING_MS = 300;
/** After a turn's last frame, until what it left to do is done, in milliseconds. */
export const QUIET_MS = 300;

/**
 * Does something with each contender in turn, round after round, so that a busy moment meets them all. Each
 * begins on a machine at rest, and each goes first, second and last as often: what one leaves to do would else
 * be paid for by always the same other. Where the machine does not come to rest, that is noted.
 */
export async function interleave(
  { contenders, samples }: Bench,
  rounds: number,
  once: (contender: Contender, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(NAMES, round)) {
      // The client's own collector would take a processor from whoever is timed.
      globalThis.gc?.();
      samples.note("busyBegin", name, (await untilAtRest()) ? 0 : 1);
      await once(contenders[name], round);
    }
  }
}

/** Makes something of each contender. */
export async function ofEach<Value>(
  { contenders }: Bench,
  make: (contender: Contender) => Promise<Value>,
): Promise<Readonly<Record<Name, Value>>> {
  const { floor, peer, apex } = contenders;
  return { floor: await make(floor), peer: await make(peer), apex: await make(apex) };
}

/** @returns the step that gives a text, delta by delta. */
export function inDeltas(text: string, piece: number, pace_ms: number, delay_ms = 0): StepInput {
  return { text, piece, pace_ms, delay_ms };
}
