/** The other ways in: a button for each identity provider, and what the last of them said. */

import { useEffect, useMemo, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import type { IdentityProvider } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { isErrorCode } from "../../protocol/failures.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

/** Links, since each leads to another page; which there are, the server tells. */
export function ProviderButtons({ client }: { readonly client: ApexClient }) {
  const { session: words } = useWords();
  const providers = useProviders(client);
  const failure = useMemo(() => failureOf(location.search), []);
  return (
    <>
      <ProblemNote problem={failure} />
      {providers.length > 0 && (
        <nav className="providers" aria-label={words.providers}>
          {providers.map(({ name, title, start_url }) => (
            <a key={name} className="button" href={`${start_url}?return_to=${returnTo()}`}>
              {words.with(title)}
            </a>
          ))}
        </nav>
      )}
    </>
  );
}

/** @returns the failure that a URL's query names, or null where it names none. */
export function failureOf(search: string): ApexError | null {
  const code = new URLSearchParams(search).get("sign_in_error");
  if (code === null) return null;
  return new ApexError(isErrorCode(code) ? code : "sign_in_failed", "The sign-in failed.");
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
