/** Outcomes a caller must handle, as values: they cross RPC unchanged, where exceptions lose their type. */
import { ApexError } from "../protocol/errors.ts";
import type { Problem } from "../protocol/problem.ts";
import { problemOf } from "../protocol/problem-of.ts";

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

/** @returns what comes of it, or the problem it fails with; what is no problem of ours is thrown on. */
export async function attempt<Value>(act: () => Value | Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { ok: true, value: await act() };
  } catch (error) {
    if (!(error instanceof ApexError)) throw error;
    return { ok: false, problem: problemOf(error) };
  }
}

/** @returns what came of it. @throws {ApexError} the problem that it failed with. */
export function succeeded<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw ApexError.fromProblem(outcome.problem);
  return outcome.value;
}
