/** Reads figures as people write them: what is one, of what kind, and which numbers it may stand for. */

/** What a figure counts; a `plain` one has no unit, as in the cell of a table. */
export type FigureKind = "money" | "percent" | "time" | "multiple" | "count" | "plain";

/** A number that a figure may stand for, and how far the true one may be from it, being rounded. */
export interface Reading {
  readonly value: number;
  readonly half: number;
}

export interface Figure {
  readonly kind: FigureKind;
  /** None where it can't be read; times are in milliseconds. */
  readonly readings: readonly Reading[];
  /** Code units of the text before the number that belong to it: a currency sign. */
  readonly before: number;
}

/** What stands at a number: so much text, which is a figure or none. */
export interface NumberText {
  readonly length: number;
  readonly figure: Figure | null;
}

/** A bare number up to this one counts what the sentence lists, and is no figure. */
const SMALL = 12;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TIME_UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1_000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, HOUR],
  [/^(?:d|days?)$/i, DAY],
  [/^(?:w|weeks?)$/i, 7 * DAY],
  [/^months?$/i, 30.4375 * DAY],
  [/^quarters?$/i, 91.3125 * DAY],
  [/^(?:y|yrs?|years?)$/i, 365.25 * DAY],
];
const SCALES: readonly (readonly [RegExp, number])[] = [
  [/^(?:k|thousand)$/i, 1e3],
  [/^(?:m|mn|million)$/i, 1e6],
  [/^(?:b|bn|billion)$/i, 1e9],
  [/^trillion$/i, 1e12],
];
const UNITS: readonly (readonly [RegExp, FigureKind])[] = [
  [/^(?:%|percent(?:age)?|per cent|pct|pp|percentage points?)$/i, "percent"],
  [/^(?:[$€£¥]|usd|us dollars?|dollars?|eur|euros?|cents?)$/i, "money"],
  [/^(?:[x×]|times|fold)$/i, "multiple"],
];
const COUNTED =
  /^(?:requests?|calls?|tokens?|records?|errors?|failures?|retries|users?|messages?|prompts?|responses?|quer(?:y|ies)|hits?|misses|duplicates?|replays?|rows?|samples?|sessions?|conversations?)$/i;

const NUMBER = /^\p{Nd}+(?:[.,'’\u00a0\u202f\u2009]\p{Nd}+)*/u;
/** Dates and times of day; the year comes first, or the parts are three. */
const DATE =
  /^(?:(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])(?:[-/]\d{1,2})?(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?|\d{1,2}([-/.])\d{1,2}\1(?:\d\d){1,2}|\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?|24\/7)(?![\d%])/;
const MONTH =
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const MONTH_BEFORE = new RegExp(`\\b${MONTH}\\.? $`, "i");
const MONTH_AFTER = new RegExp(`^ ${MONTH}\\b`, "i");
const YEAR = /^20\d\d$/;
const YEAR_BEFORE = new RegExp(
  `(?:\\b(?:in|since|until|till|from|to|by|during|before|after|year|Q[1-4]|H[12]|${MONTH}\\.?(?: \\d{1,2},)?) |[–(]) ?$`,
  "i",
);
/** What names a thing by a number: it is no figure. */
const LABEL_BEFORE =
  /(?:\b(?:steps?|phase|option|section|table|figure|chapter|part|item|no\.|week|day|month|tier|level|top|rank|priority|round|turn|line|page|rfc|https?|status|error|code|port|agent|arm) #?|#|§ ?)$/i;
/** What goes by a name and a version: decimals are no figure there either. */
const NAME_BEFORE =
  /\b(?:gpt|claude|opus|sonnet|haiku|gemini|gemma|flash|llama|mistral|mixtral|qwen|deepseek|grok|nova|phi|kimi|glm|command|versions?)[ -]$/i;
const MONEY_BEFORE = /(?:(?:US|A|C)?[$€£¥]|\b(?:USD|EUR|GBP) ?)[-+~]?$/;
/** A letter of a script that stands between words and numbers without a space: `gpt-5`, `p95`, `3f2a`. */
const LETTER = "A-Za-z\\u00c0-\\u024f\\u0370-\\u04ff";
const IN_WORD = new RegExp(`[${LETTER}][\\p{L}\\p{N}_.\\-/@]*$`, "u");
const TIMES_BEFORE = /(?:^|[^\p{L}\p{N}])[x×]$/u;
const LIST_BEFORE = /\n[ \t>*#([-]*$/;
/** "per 1,000 requests": what a figure is given for. */
const DENOMINATOR_BEFORE = /\b(?:per|pro|par) $|\/ ?$/;
/** How sure an interval is, which is a choice and nobody's finding. */
const CONFIDENCE = /^9[059] ?% (?:confidence|intervals?|CI|Wilson|bounds?)\b/i;
const WORD = `[${LETTER}]+`;
const UNIT_TEXT = new RegExp(
  `^(?:([ \\u00a0\\u202f-]?)(%|×|[$€£¥]|(?:percentage points?|per cent|US dollars?|${WORD})(?![\\p{L}\\p{N}])))`,
  "iu",
);

/**
 * @param text begins with a number, and goes on as far as the words that may be its unit.
 * @param before what stands before it, a line break for the beginning.
 * @param inTable whether it stands in the row of a table, where nothing is said in passing.
 */
export function readNumber(text: string, before: string, inTable: boolean): NumberText {
  const [digits = ""] = NUMBER.exec(text) ?? [];
  const money = MONEY_BEFORE.exec(before);
  const times = TIMES_BEFORE.test(before);
  if (money === null) {
    const date = DATE.exec(text);
    if (date) return { length: date[0].length, figure: null };
    const percentAfter = /^ ?%/.test(text.slice(digits.length)) && !/[\p{L}\p{N}]$/u.test(before);
    if (IN_WORD.test(before) && !times && !percentAfter) {
      return { length: digits.length, figure: null };
    }
  }
  const unit = unitAfter(text.slice(digits.length), money !== null || times);
  const length = digits.length + unit.length;
  const none = { length: digits.length, figure: null };
  if (unit.isWord) return none;
  const rest = text.slice(length);
  if (CONFIDENCE.test(text)) return { length, figure: null };
  if (DENOMINATOR_BEFORE.test(before) && /^10*$/.test(digits.replaceAll(",", ""))) return none;
  const bare = money === null && !times && unit.length === 0;
  if (bare && isLabel(digits, before, rest, inTable)) return none;
  const isVersion = /^\p{Nd}+(?:\.\p{Nd}+){2,}$/u.test(digits) && readings(digits).length === 0;
  if (isVersion && money === null) return none;
  const glued = /\p{Nd}$/u.test(before);
  const { scale } = unit;
  return {
    length,
    figure: {
      kind: money ? "money" : times ? "multiple" : unit.kind,
      readings: glued
        ? []
        : readings(digits).map(({ value, half }) => ({ value: value * scale, half: half * scale })),
      before: money?.[0].length ?? (times ? 1 : 0),
    },
  };
}

function isLabel(digits: string, before: string, rest: string, inTable: boolean): boolean {
  if (NAME_BEFORE.test(before)) return true;
  if (!/^\p{Nd}+$/u.test(digits)) return false;
  const isList = digits.length <= 3 && /^[.)\]]/.test(rest) && LIST_BEFORE.test(before);
  if (isList || LABEL_BEFORE.test(before)) return true;
  if (MONTH_BEFORE.test(before) || MONTH_AFTER.test(rest)) return digits.length <= 4;
  if (YEAR.test(digits) && YEAR_BEFORE.test(before)) return true;
  const isRange = /^(?: ?[-–—/] ?| to | or )\p{Nd}?/u.test(rest) || /[-–—/] ?$/.test(before);
  return !inTable && !isRange && Number(numeral(digits, "")) <= SMALL;
}

interface Unit {
  readonly kind: FigureKind;
  readonly scale: number;
  readonly length: number;
  /** Whether letters follow that are no unit: the number is the beginning of a word, or its ordinal. */
  readonly isWord: boolean;
}

/** @param isMoney whether an `m` stands for millions, not for minutes. */
function unitAfter(text: string, isMoney: boolean): Unit {
  const none = { kind: "plain", scale: 1, length: 0, isWord: false } as const;
  const [found = "", gap = "", word = ""] = UNIT_TEXT.exec(text) ?? [];
  if (word === "") return { ...none, isWord: new RegExp(`^[${LETTER}]`).test(text) };
  const scale = lookUp(SCALES, word);
  if (scale !== undefined && (isMoney || word !== "m")) {
    const next = unitAfter(text.slice(found.length), isMoney);
    const more = next.isWord ? 0 : next.length;
    return {
      kind: next.kind,
      scale: scale * next.scale,
      length: found.length + more,
      isWord: false,
    };
  }
  const { length } = found;
  const kind = lookUp(UNITS, word) ?? (COUNTED.test(word) ? "count" : undefined);
  if (kind !== undefined) {
    const cents = /^cents?$/i.test(word);
    return { kind, scale: cents ? 0.01 : 1, length, isWord: false };
  }
  const time = lookUp(TIME_UNITS, word);
  if (time !== undefined && (gap !== "" || !isMoney)) {
    return { kind: "time", scale: time, length, isWord: false };
  }
  return { ...none, isWord: gap === "" };
}

function lookUp<Value>(table: readonly (readonly [RegExp, Value])[], word: string) {
  return table.find(([pattern]) => pattern.test(word))?.[1];
}

/** @returns what a number may mean: a comma and a point part thousands here, decimals there. */
function readings(digits: string): readonly Reading[] {
  const text = digits.replaceAll(/['’\u00a0\u202f\u2009](?=\p{Nd}{3}(?!\p{Nd}))/gu, "");
  const found: Reading[] = [];
  for (const [thousands, decimal] of [
    [",", "."],
    [".", ","],
  ] as const) {
    const [whole = "", fraction, ...more] = text.split(decimal);
    const groups = whole.split(thousands);
    const grouped = groups.length === 1 || groups.slice(1).every((group) => group.length === 3);
    if (more.length > 0 || !grouped || fraction?.includes(thousands)) continue;
    const reading = readingOf(numeral(groups.join(""), fraction ?? ""), fraction?.length ?? 0);
    if (reading && !found.some(({ value }) => value === reading.value)) found.push(reading);
  }
  return found;
}

/** A figure is rounded to its last digit, or, where zeros end it, to no fewer than three digits. */
function readingOf(number: string, decimals: number): Reading | null {
  const value = Number(number);
  if (!Number.isFinite(value)) return null;
  const zeros = decimals === 0 ? (/0*$/.exec(number)?.[0].length ?? 0) : 0;
  const place = decimals > 0 ? -decimals : Math.max(0, Math.min(zeros, number.length - 3));
  return { value, half: 10 ** place / 2 };
}

/** @returns the number in the digits that JavaScript reads; those of other scripts are NaN to it. */
function numeral(whole: string, fraction: string): string {
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return text.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((first) => code >= first && code < first + 10);
    return zero === undefined ? "?" : String(code - zero);
  });
}

/** Where the digits of a script begin: Latin, Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
