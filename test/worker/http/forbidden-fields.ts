/** What a message may not bring along: the history, and every id and place in it, are the server's. */
export const FORBIDDEN_FIELDS = [
  "messages",
  "history",
  "role",
  "system",
  "id",
  "message_id",
  "seq",
  "run_id",
  "thread_id",
  "connection_id",
];
