/** What the sign-in's forms hold, as the server takes it: loaded when the first of them is sent. */
import "../without-eval.ts";
import { DevLoginBody, LoginBody, RegisterBody } from "../../protocol/api.ts";
import { parseInput } from "../../protocol/parse-input.ts";

const WHAT = "the form";

/** Each throws {@link ApexError} `invalid_fields`, naming the fields at fault. */
export const parseLogin = (typed: FormData): LoginBody =>
  parseInput(LoginBody, Object.fromEntries(typed), WHAT);
export const parseRegistration = (typed: FormData): RegisterBody =>
  parseInput(RegisterBody, Object.fromEntries(typed), WHAT);
export const parseDevLogin = (typed: FormData): DevLoginBody =>
  parseInput(DevLoginBody, Object.fromEntries(typed), WHAT);
