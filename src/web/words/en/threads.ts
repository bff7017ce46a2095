/** The list of threads, and what can be done to one. */

export const threads = {};
