/** The holes that are known and open, by the names of their rows: each must fail, until who closes it strikes it off. */
export const OPEN: ReadonlySet<string> = new Set();
