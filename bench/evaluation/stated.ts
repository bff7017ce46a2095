/** The numbers that a text states, read without any code of the product. */

const NUMBER =
  /(?<![\w.-])(\d[\d,]*(?:\.\d+)?)\s?(k|m|bn|thousand|million|billion|s|seconds?)?(?![a-z])/gi;
const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
  s: 1e3,
  second: 1e3,
  seconds: 1e3,
};
/** How far off a figure may be, where it is not rounded more coarsely. */
const TOLERANCE = 0.002;
/** The coarsest rounding that still tells the figure. */
const COARSEST = 0.05;

/** @returns whether the text states the figure, as exactly as its digits say. */
export function states(text: string, figure: number): boolean {
  return [...text.matchAll(NUMBER)].some(([, digits = "", unit = ""]) => {
    const plain = digits.replaceAll(",", "");
    const scale = SCALES[unit.toLowerCase()] ?? 1;
    const half = (scale / 2) * 10 ** -(plain.split(".")[1]?.length ?? 0);
    const tolerance = Math.max(Math.min(half, COARSEST * figure), TOLERANCE * figure);
    return Math.abs(Number(plain) * scale - figure) <= tolerance;
  });
}

/** @returns the amounts of money and the shares that a text states. */
export function claimsIn(text: string): string[] {
  return (
    text.match(/[$€£]\s?\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*\s?(?:%|percent|per cent|USD|dollars?)/gi) ??
    []
  );
}
