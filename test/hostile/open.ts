/** The holes that are known and open, by the names of their rows: each must fail, until who closes it strikes it off. */
export const OPEN: ReadonlySet<string> = new Set([
  'A page of the origin "http://apex.test" may open no socket',
  'A page of the origin "ws://apex.test" may open no socket',
  "An upgrade of a request that opens no socket changes nothing, not even the headers of its answer",
  "A refused socket's answer is protected as every other is",
  "A body with an overlong slash, invalid as UTF-8, is refused",
  "A body with a surrogate in raw UTF-8 bytes is refused",
  "A body that breaks off in the middle is refused, not failed on",
]);
