/** Hands a text to the browser as a file to be kept. */

/** What a file system somewhere would take for more than a name. */
const UNFIT = /^[.\s/\\]+|[\\/:*?"<>|\p{Cc}]+/gu;
const MOST = 80;

/** @param name the file's, with its extension; what no file may be called is left out. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text]));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName(name);
  link.click();
  // Taken by then: the browser reads the file when the link is clicked.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

/** @returns a name that a file can have, its extension kept. */
export function fileName(name: string): string {
  const [, stem = "", extension = ""] = /^(.*?)(\.\w+)?$/s.exec(name) ?? [];
  const fit = stem.replace(UNFIT, " ").trim().slice(0, MOST).trim();
  return `${fit || "thread"}${extension}`;
}
