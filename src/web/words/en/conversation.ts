/** An open thread: its messages, and the box for the next one. */

import type { FinalStatus } from "../../../protocol/entities.ts";
import { counted } from "../../../protocol/plural.ts";

const figure = new Intl.NumberFormat("en");

export const conversation = {
  // The log
  log: "Conversation",
  you: "You",
  product: "Apex Edge",
  loadEarlier: "Load earlier messages",
  loadingEarlier: "Loading…",
  jumpToNewest: "Jump to the newest",
  answerFailed: "This answer failed.",
  answerStopped: "This answer was stopped.",

  // An answer's text
  table: "Table",
  code: (language: string) => (language === "" ? "Code" : `Code: ${language}`),
  leadsTo: (place: string) => `(${place})`,
  unverified: "No tool computed this figure",
  taskDone: "done",
  taskOpen: "open",

  // What can be done to a message
  copy: "Copy",
  copied: "Copied",
  copyCode: "Copy code",
  edit: "Edit",
  regenerate: "Regenerate",
  fork: "Fork from here",
  takeBack: "Take back",

  // Messages that the server does not have yet
  sending: "Sending…",
  waits: "Waits for the connection, and goes out when it is back.",
  unsent: "Not sent yet.",
  refused: "Not sent.",
  sendAgain: "Send again",

  // The message box
  message: "Message",
  placeholder: "Ask about the cost, the speed or the quality of your LLM use",
  hint: "Enter sends, Shift+Enter begins a new line.",
  hintWhileBusy: "What you send now is asked when this answer stands.",
  send: "Send",
  stop: "Stop",
  charactersLeft: (count: number) => `${counted(count, "character")} left.`,
  tooLong: (limit: number, length: number) =>
    `The message must be at most ${figure.format(limit)} characters; it has ${figure.format(length)}.`,
  unsendable: "The message holds a character that can't be sent.",
  editing: "You edit what you asked before. The conversation goes on from there.",
  cancelEdit: "Cancel",

  // The connection
  connecting: "Connecting…",
  reconnecting: "The connection was lost. Reconnecting… What you send waits here until it is back.",
  offline: "You are offline. What you send waits here, and goes out when you are back.",
  closed: "Not connected.",
  connectAgain: "Connect again",

  // What a screen reader hears
  working: "Working on the answer.",
  ended: {
    completed: "The answer is complete.",
    failed: "The answer failed.",
    cancelled: "The answer was stopped.",
  } satisfies Record<FinalStatus, string>,

  // How to begin
  examplesTitle: "For example",
  examples: [
    "Where does our money go, by team?",
    "Cut our AI costs by 30 % without hurting latency.",
    "Which model would be cheaper for the same work?",
    "What will we spend next month?",
  ],
  yourQuestion: "Your question",
  ask: "Ask",
  emptyThread: "What would you like to know?",
};
