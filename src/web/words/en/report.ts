/** A report: its charts, its plan, its figures, and how to take it along. */

export const report = {};
