/** What every form, list and question says. */

export const form = {
  empty: "must not be empty",
  cancel: "Cancel",
  close: "Close",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "Your browser did not let us copy it. Select it, and copy it by hand.",
  tryAgain: "Try again",
  showMore: "Show more",
};
