/** The limits that a client can run into. `connection_ready` and the OpenAPI document list them. */

/** One text frame a client may send, in UTF-8 bytes. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** One HTTP request body, in bytes. */
export const MAX_BODY_BYTES = 128 * 1024;
/** One body of usage records, evaluations or spans as JSON, in bytes. */
export const MAX_USAGE_BODY_BYTES = 4 * 1024 * 1024;
/** One file of usage, streamed, in bytes. */
export const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;
/** Records, evaluations or spans in one JSON body. */
export const MAX_USAGE_ROWS = 5_000;
/** One user message, in UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 16_000;
/** Levels of arrays and objects a JSON value may nest. */
export const MAX_JSON_DEPTH = 64;
/** Runs that may wait or be live in one thread at once; to an interrupting message, twice as many. */
export const MAX_QUEUED_RUNS = 10;
/** Sockets one thread serves at once. */
export const MAX_SOCKETS = 64;
/** Bytes a socket is sent without a sign that its client reads; past it the socket ends with 1013. */
export const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Events one resume replays; a client further behind reloads the history. */
export const MAX_REPLAY = 1_000;
/** What one fork copies at most: exchanges, and UTF-16 code units of them. */
export const MAX_FORK_EXCHANGES = 10_000;
export const MAX_FORK_LENGTH = 50_000_000;
/** A page of a list: the most, and what is given when nothing is asked. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** The largest budget that can be set, of a run or of a month, in US$. */
export const MAX_BUDGET_USD = 1_000_000;
/** The last page that may be asked for by its number; further on, by cursor. */
export const MAX_PAGE_NUMBER = 100;
/** How long a request may wait for a run to end, and a stream be asked to last, in seconds. */
export const MAX_WAIT_SECONDS = 60;
export const MAX_STREAM_SECONDS = 3_600;

/** What a file of usage may be called, in characters; who sends a longer name cuts it. */
export const MAX_FILE_NAME_LENGTH = 200;
