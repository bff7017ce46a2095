/** Fields as sources write them: numbers as text, moments in four ways, nothing as an empty cell. */
import * as z from "zod";
import { nameId } from "../../core/name-id.ts";
import type { FieldErrorCode } from "../../protocol/problem.ts";

/** @returns a schema of what `read` makes of a value; undefined from it is a fault. */
function field<Value>(read: (value: unknown) => Value | undefined, must: string) {
  return z
    .unknown()
    .optional()
    .transform((value, context): Value => {
      const known = read(value);
      if (known !== undefined) return known;
      const code: FieldErrorCode = isNothing(value) ? "required" : "invalid_type";
      context.addIssue({ code: "custom", message: `must be ${must}`, params: { code } });
      return z.NEVER;
    });
}

/** @returns the same, where nothing, an empty cell too, is null. */
function optional<Value>(read: (value: unknown) => Value | undefined, must: string) {
  return field<Value | null>((value) => (isNothing(value) ? null : read(value)), must);
}

const COUNT = "a whole number from 0";
const AMOUNT = "a number from 0";
const MOMENT = "a date and time";

export const count = field(readCount, COUNT);
/** Nothing counts as none. */
export const countOrNone = optional(readCount, COUNT).transform((value) => value ?? 0);
export const optionalCount = optional(readCount, COUNT);
export const optionalAmount = optional(readAmount, AMOUNT);
export const moment = field(readMoment, MOMENT);
export const optionalMoment = optional(readMoment, MOMENT);
export const text = field(readText, "text");
export const optionalText = optional(readText, "text");
/** An object, also as the JSON text that databases dump it as; whatever else it is counts as empty. */
export const details = z.unknown().optional().transform(readObject);
/** A list of texts, also as JSON; whatever else it is counts as empty. */
export const texts = z
  .unknown()
  .optional()
  .transform((value): string[] => {
    const list = typeof value === "string" ? parseJson(value) : value;
    return Array.isArray(list) ? list.flatMap((each) => readText(each) ?? []) : [];
  });

/** @returns what a user is known by: their id stays with the source. */
export function userHash(id: string | null): string | null {
  return id === null ? null : nameId("user", id);
}

export function isNothing(value: unknown): value is null | undefined | "" {
  return value === undefined || value === null || value === "";
}

/** @returns an amount, written as a number or as text, or undefined. */
export function readAmount(value: unknown): number | undefined {
  const isNumeric =
    typeof value === "string" && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value);
  const amount = isNumeric ? Number(value) : value;
  return typeof amount === "number" && amount >= 0 && Number.isFinite(amount) ? amount : undefined;
}

function readCount(value: unknown): number | undefined {
  const amount = readAmount(value);
  return Number.isSafeInteger(amount) ? amount : undefined;
}

function readText(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const trimmed = typeof value === "string" ? value.trim() : "";
  return trimmed === "" ? undefined : trimmed;
}

/** Digits are seconds, or milliseconds where seconds would be past the year 2286; text without a zone is UTC. */
export function readMoment(value: unknown): number | undefined {
  const number = readAmount(value);
  if (number !== undefined) return Math.round(number < 1e10 ? number * 1000 : number);
  if (typeof value !== "string") return undefined;
  const [, date, time = "00:00:00", zone = "Z"] =
    /^\s*(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?\s*$/i.exec(
      value,
    ) ?? [];
  const offset = /^[+-]\d{2}$/.test(zone)
    ? `${zone}:00`
    : zone.replace(/^utc$/i, "Z").replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const milliseconds = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function readObject(value: unknown): Readonly<Record<string, unknown>> {
  const object = typeof value === "string" ? parseJson(value) : value;
  return typeof object === "object" && object !== null && !Array.isArray(object)
    ? { ...object }
    : {};
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
