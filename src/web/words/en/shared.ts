/** A thread that was shared by a link. */

export const shared = {
  title: "Shared conversation",
  readOnly: (date: string) => `A shared conversation, as it was on ${date}. You can read it only.`,
  conversation: "Conversation",
  asked: "Asked",
  answered: "Apex Edge",
  stopped: "This answer was stopped.",
  failed: "This answer failed.",
  loadMore: "Show more",
  nothing: "Nothing was said in it yet.",
  gone: "There is nothing at this link",
  goneHint: "It was taken back by who shared it, or it was never made.",
  failedToLoad: "The conversation could not be loaded",
  again: "Try again",
  begin: "Ask something yourself",
};
