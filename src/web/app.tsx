/** The whole page: a shared thread for anybody, the sign-in, or the signed-in person's workspace. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Route, Switch } from "wouter";
import type { ApexClient } from "../client/index.ts";
import { type SignedIn, SignedInContext } from "./client-context.ts";
import { Toasts } from "./design/toasts.tsx";
import { Developer } from "./developer/developer.tsx";
import { Loading } from "./loading.tsx";
import { PATTERNS } from "./paths.ts";
import type { BrowserStore } from "./session/browser-store.ts";
import { SignIn } from "./session/sign-in.tsx";
import { useUser } from "./session/use-user.ts";
import { Workspace } from "./workspace.tsx";

const SharedThread = lazy(() => import("./shared/shared-thread.tsx"));

interface Props {
  readonly client: ApexClient;
  readonly store: BrowserStore;
}

export function App({ client, store }: Props) {
  return (
    <Switch>
      <Route path={PATTERNS.shared}>
        {({ token }) => (
          <Suspense fallback={<Loading />}>
            <SharedThread client={client} token={token} />
          </Suspense>
        )}
      </Route>
      <Route>
        <SignedInApp client={client} store={store} />
      </Route>
    </Switch>
  );
}

/** Another person's workspace is another one: nothing of the last person's is carried over. */
function SignedInApp({ client, store }: Props) {
  const user = useUser(store);
  if (user === null) return <SignIn client={client} />;
  return <PersonsApp key={user.id} client={client} user={user} />;
}

function PersonsApp(signedIn: SignedIn) {
  const [queries] = useState(newQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <SignedInContext value={signedIn}>
        <Toasts>
          <Workspace />
          <Developer />
        </Toasts>
      </SignedInContext>
    </QueryClientProvider>
  );
}

/** The client mends what mending helps; a refusal stays one, so nothing is asked twice. */
function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: 30_000 }, mutations: { retry: false } },
  });
}
