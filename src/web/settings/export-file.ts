/** An export as a file: whether all of it is there, and the browser's way to keep it. */
import { ExportLine } from "../../protocol/account.ts";

/** The last line is a short one. */
const TAIL_BYTES = 256;

/** @returns whether the export came to its end: its last line says so, and nothing else does. */
export async function isWhole(file: Blob): Promise<boolean> {
  const tail = await file.slice(-TAIL_BYTES).text();
  const last = tail.trimEnd().split("\n").at(-1) ?? "";
  try {
    return ExportLine.parse(JSON.parse(last)).kind === "end";
  } catch {
    return false;
  }
}

/** Has the browser keep a file under a name. */
export function saveAs(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has begun by then; until it has, the address must stay.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
