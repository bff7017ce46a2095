/** Where the simulated tables stand in docs/scale.md, whose words are written by hand. */

const BEGIN = "<!-- simulated: npm run bench:scale -->";
const END = "<!-- end of the simulated -->";

/** @returns the document with its tables replaced. @throws where it has no place for them. */
export function withTables(document: string, tables: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`Between ${BEGIN} and ${END} is no place.`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${tables}\n\n${document.slice(end)}`;
}
