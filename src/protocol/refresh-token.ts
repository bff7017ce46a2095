/** The form of a refresh token, which server and client draw alike. */

/** Lets secret scanners recognise a leaked token. */
export const REFRESH_TOKEN_PREFIX = "apx_rt_";

/** Random bytes in a token; they follow the prefix as base64url (RFC 4648, section 5). */
export const REFRESH_TOKEN_BYTES = 32;
