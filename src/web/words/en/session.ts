/** Signing in. */

export const session = {};
