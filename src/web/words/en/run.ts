/** A run: who works, what was thought, which tools ran, and how it ended. */

export const run = {};
