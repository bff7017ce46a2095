/** What a signed-in person works in: the threads, and the one that is open. */
import { useEffect, useRef } from "react";
import type { ApexClient } from "../client/index.ts";
import type { User } from "../protocol/entities.ts";
import { OpenThread } from "./open-thread.tsx";
import { goTo, useRoute } from "./route.ts";
import { ThreadList } from "./threads/thread-list.tsx";
import { useThreads } from "./threads/use-threads.ts";

interface Props {
  readonly client: ApexClient;
  readonly user: User;
}

/** Give it the user's id as its key. */
export function Workspace({ client, user }: Props) {
  const threads = useThreads(client);
  const openId = useRoute();

  /** Forgotten here at once; a server out of reach learns of it when the session ages out. */
  function logOut() {
    goTo(null);
    client.logout().catch(() => undefined);
  }

  return (
    <div className="workspace" data-open={openId !== null}>
      <header className="masthead">
        <h1>Apex Edge</h1>
        <button type="button" className="all-threads" onClick={() => goTo(null)}>
          All threads
        </button>
        <a href="/docs">API</a>
        <span className="email">{user.email}</span>
        <button type="button" onClick={logOut}>
          Log out
        </button>
      </header>
      <ThreadList threads={threads} openId={openId} />
      <main>
        {openId === null ? (
          <Welcome />
        ) : (
          <OpenThread key={openId} client={client} threads={threads} threadId={openId} />
        )}
      </main>
    </div>
  );
}

function Welcome() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="welcome">
      <h2 ref={heading} tabIndex={-1}>
        Where does the money go?
      </h2>
      <p>Begin a new thread, and ask about the cost, the speed or the quality of your LLM use.</p>
    </div>
  );
}
