/** The other ways in: a button for each identity provider, and what the last of them said. */

import { useEffect, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { IdentityProvider } from "../../protocol/account.ts";
import { isErrorCode } from "../../protocol/failures.ts";
import { TITLES } from "../../protocol/titles.ts";

/** What the person can do about it, where the failure's own title does not say. */
const ADVICE: Readonly<Record<string, string>> = {
  sign_in_failed:
    "The sign-in could not be completed. Please try again; your provider must have verified your email address.",
  email_taken:
    "An account with this email address exists. Sign in the way it was made: by its password, or by its own provider.",
  provider_unavailable: "The identity provider did not answer. Please try again later.",
};

/** Links, since each leads to another page; which there are, the server tells. */
export function ProviderButtons({ client }: { readonly client: ApexClient }) {
  const providers = useProviders(client);
  const failure = failureOf(location.search);
  return (
    <>
      {failure !== null && (
        <p className="problem" role="alert">
          {failure}
        </p>
      )}
      {providers.length > 0 && (
        <nav className="providers" aria-label="Other ways to sign in">
          {providers.map(({ name, title, start_url }) => (
            <a key={name} className="button" href={`${start_url}?return_to=${returnTo()}`}>
              Sign in with {title}
            </a>
          ))}
        </nav>
      )}
    </>
  );
}

/** @returns the words for the failure that a URL's query names, or null where it names none. */
export function failureOf(search: string): string | null {
  const code = new URLSearchParams(search).get("sign_in_error");
  if (code === null) return null;
  if (!isErrorCode(code)) return "The sign-in could not be completed.";
  return ADVICE[code] ?? `${TITLES[code]}. Please try again.`;
}

/** The page that is open: what the server refuses as a way back would only cost the sign-in. */
function returnTo(): string {
  return encodeURIComponent(location.pathname);
}

/** Without the list the forms still work, so a failure to get it is no failure of the page. */
function useProviders(client: ApexClient): readonly IdentityProvider[] {
  const [providers, setProviders] = useState<readonly IdentityProvider[]>([]);
  useEffect(() => {
    let isShown = true;
    client.identityProviders().then(
      ({ data }) => isShown && setProviders(data),
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [client]);
  return providers;
}
