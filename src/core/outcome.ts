/** Outcomes a caller must handle, as values: they cross RPC unchanged, where exceptions lose their type. */
import type { Problem } from "../protocol/problem.ts";

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };
