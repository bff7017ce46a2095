/** Where a figure stands decides how one gets to its call: a view over the answer closes first. */
import { createContext, use } from "react";
import { showCall } from "./show-call.ts";

export const ShowCallContext = createContext<typeof showCall>(showCall);

/** @returns what brings a call into sight from here. */
export function useShowCall(): typeof showCall {
  return use(ShowCallContext);
}
