/** Who goes first by turns: whoever always came last would pay for what the others have left to do. */

/** @returns all of them in their order, begun so many further on, round and round. */
export function rotated<Each>(all: readonly Each[], by: number): Each[] {
  const begin = by % Math.max(1, all.length);
  return [...all.slice(begin), ...all.slice(0, begin)];
}
