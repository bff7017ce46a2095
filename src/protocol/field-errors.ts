/** What a schema has against an input, field by field: for people in words, for programs by a code. */
import type * as z from "zod";
import { type FieldError, FieldErrorCode } from "./problem.ts";

type Issue = z.core.$ZodIssue;
type Fault = Pick<FieldError, "code" | "bound">;

/**
 * @param input what was parsed.
 * @returns a fault or more for each issue of a failed parse, in the schema's order.
 */
export function fieldErrorsOf({ issues }: z.ZodError, input: unknown): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const { path, message } = issue;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        ...named([...path, key], "is not known here"),
        code: "unknown_field",
      }));
    }
    const isMissing = issue.code !== "custom" && valueAt(input, path) === undefined;
    return [
      { ...named(path, message), ...(isMissing ? { code: "required" } : faultOf(issue, input)) },
    ];
  });
}

function named(path: readonly PropertyKey[], message: string) {
  return { field: path.map(String).join(".") || "(root)", message };
}

/** A check of our own may say its code in the `params` of its issue. */
function faultOf(issue: Issue, input: unknown): Fault {
  switch (issue.code) {
    case "invalid_type":
    case "not_multiple_of":
      return { code: "invalid_type" };
    case "invalid_format":
      return { code: valueAt(input, issue.path) === "" ? "required" : "invalid_format" };
    case "invalid_value":
      return { code: "not_an_option" };
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return { code: TOO_BIG[sizeOf(issue)], ...boundOf(issue, issue.maximum) };
    case "custom":
      return { code: FieldErrorCode.safeParse(issue.params?.code).data ?? "invalid" };
    default:
      return { code: "invalid" };
  }
}

/** What an issue about a size counts. */
type Size = "characters" | "entries" | "amount";
const TOO_SMALL = {
  characters: "too_short",
  entries: "too_few",
  amount: "too_small",
} as const satisfies Record<Size, FieldErrorCode>;
const TOO_BIG = {
  characters: "too_long",
  entries: "too_many",
  amount: "too_big",
} as const satisfies Record<Size, FieldErrorCode>;

type TooSmall = Extract<Issue, { code: "too_small" }>;
type TooBig = Extract<Issue, { code: "too_big" }>;

function sizeOf({ origin }: TooSmall | TooBig): Size {
  if (origin === "string") return "characters";
  return ["array", "set", "map", "file"].includes(origin) ? "entries" : "amount";
}

/** A text of which one character is asked has none: it is missing. */
function tooSmall(issue: TooSmall): Fault {
  const size = sizeOf(issue);
  if (size === "characters" && issue.minimum === 1) return { code: "required" };
  return { code: TOO_SMALL[size], ...boundOf(issue, issue.minimum) };
}

/** A bound that is itself not allowed is none that one could name. */
function boundOf({ inclusive }: TooSmall | TooBig, bound: number | bigint): Pick<Fault, "bound"> {
  return inclusive === false || typeof bound !== "number" ? {} : { bound };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }, input);
}
