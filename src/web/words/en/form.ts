/** What every form, list and question says. */
import type { FieldErrorCode } from "../../../protocol/problem.ts";

export const form = {
  cancel: "Cancel",
  close: "Close",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "Your browser did not let us copy it. Select it, and copy it by hand.",
  tryAgain: "Try again",
  showMore: "Show more",
  /** What is wrong with a field, where the field has no words of its own for it. */
  faults: {
    required: "Please fill this in.",
    invalid_type: "This is not in the form that is asked for.",
    invalid_format: "This is not in the form that is asked for.",
    not_an_option: "Please choose one of the options.",
    unknown_field: "This is not known here.",
    too_short: "Please write more.",
    too_long: "Please write less.",
    too_few: "Please choose more.",
    too_many: "Please choose fewer.",
    too_small: "Please enter a larger number.",
    too_big: "Please enter a smaller number.",
    taken: "There is one of this name already.",
    mismatch: "This does not match.",
    not_permitted: "You may not choose this.",
    not_set: "This does not exist.",
    not_https: "Use an address that begins with https://.",
    not_public: "Use the address of a public host.",
    holds_credentials: "Leave the name and the password out of the address.",
    unusual_port: "Leave the port out: only the usual one of https is allowed.",
    invalid: "This was not accepted. Please check it.",
  } satisfies Record<FieldErrorCode, string>,
  /** The same, where the bound that was passed is known. */
  bounds: {
    too_short: (least: string) => `Use at least ${least} characters.`,
    too_long: (most: string) => `Use at most ${most} characters.`,
    too_few: (least: string) => `Choose at least ${least}.`,
    too_many: (most: string) => `Choose at most ${most}.`,
    too_small: (least: string) => `Enter ${least} or more.`,
    too_big: (most: string) => `Enter ${most} or less.`,
  } satisfies Partial<Record<FieldErrorCode, (bound: string) => string>>,
};
