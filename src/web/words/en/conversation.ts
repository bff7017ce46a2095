/** An open thread: its messages, and the box for the next one. */

export const conversation = {};
