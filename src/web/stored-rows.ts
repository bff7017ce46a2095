/** Rows of text in the local storage: what it does not take, the open page keeps itself. */

/** What a storage that is full or forbidden did not take. */
const unwritten = new Map<string, string>();

/** @returns the row, as JSON holds it; undefined where there is none, or something that is no JSON. */
export function readRow(key: string): unknown {
  try {
    const text = unwritten.get(key) ?? localStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeRow(key: string, row: unknown): void {
  const text = JSON.stringify(row);
  try {
    localStorage.setItem(key, text);
    unwritten.delete(key);
  } catch {
    unwritten.set(key, text);
  }
}

export function removeRow(key: string): void {
  unwritten.delete(key);
  localStorage.removeItem(key);
}

/** @returns the keys of the rows below a prefix. */
export function rowKeys(prefix: string): string[] {
  const keys = new Set([...Object.keys(localStorage), ...unwritten.keys()]);
  return [...keys].filter((key) => key.startsWith(prefix));
}

/** @returns where the rows of one kind lie that are a user's. */
export function roomOf(kind: string, userId: string): string {
  return `${OURS}${kind}/${encodeURIComponent(userId)}/`;
}

/** Forgets every row of a user: for who logs out, perhaps on a shared machine. */
export function forgetRows(userId: string): void {
  const user = encodeURIComponent(userId);
  for (const key of rowKeys(OURS)) if (key.split("/")[1] === user) removeRow(key);
}

const OURS = "apex-edge.";
