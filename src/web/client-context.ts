/** The signed-in client and user, for every view of the page. */
import { createContext, useContext } from "react";
import type { ApexClient } from "../client/index.ts";
import type { User } from "../protocol/entities.ts";

/** Whom the page works for, and by what. */
export interface SignedIn {
  readonly client: ApexClient;
  readonly user: User;
}

export const SignedInContext = createContext<SignedIn | null>(null);

/** @returns the client and the user. @throws where nobody is signed in: a view shown too early. */
export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (signedIn === null) throw new Error("This view is for signed-in people.");
  return signedIn;
}
