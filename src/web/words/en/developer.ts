/** The panel for developers. */
import { counted } from "../../../protocol/plural.ts";

export const developer = {
  title: "Events",
  frames: "Frames",
  filter: "Filter by type or text",
  copy: "Copy as JSON",
  copied: (frames: number) => `Copied ${counted(frames, "frame")}.`,
  notCopied: "The browser does not let this page write to the clipboard.",
  close: "Close the events",
  noThread: "Open a thread to see its events.",
  noFrames: "No frame matches.",
  columns: ["Seq", "Epoch", "Type", "Arrived (UTC)", "Latency", "Bytes"],
  states: { connecting: "Connecting", open: "Open", closed: "Closed" },
  thread: (id: string) => `Thread ${id}`,
  reconnects: (count: number) => counted(count, "reconnect"),
  closeCode: (code: number) => `last closed with ${code}`,
  shown: (some: number, all: number) => `${some} of ${counted(all, "frame")}`,
  latency: (median: number) => `median latency ${median} ms`,
  milliseconds: (value: number) => `${value} ms`,
};
