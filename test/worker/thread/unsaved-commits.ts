/** How many commits of a thread's journal the history has to be told of and, as far as it knows, was not. */
export const UNSAVED_COMMITS = `
  SELECT count(*) AS count FROM journal WHERE note ->> 'history' AND id > coalesce(
    (SELECT note ->> 'saved' FROM journal WHERE note ->> 'saved' IS NOT NULL
     ORDER BY id DESC LIMIT 1), 0)`;
