/** The whole page: the sign-in, or the signed-in person's workspace. */
import type { ApexClient } from "../client/index.ts";
import type { BrowserStore } from "./session/browser-store.ts";
import { SignIn } from "./session/sign-in.tsx";
import { useUser } from "./session/use-user.ts";
import { Workspace } from "./workspace.tsx";

interface Props {
  readonly client: ApexClient;
  readonly store: BrowserStore;
}

/** Another person's workspace is another one: nothing of the last person's is carried over. */
export function App({ client, store }: Props) {
  const user = useUser(store);
  if (user === null) return <SignIn client={client} />;
  return <Workspace key={user.id} client={client} user={user} />;
}
