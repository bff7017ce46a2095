/** What a signed-in person works in: the threads beside the view that the address names. */
import "./workspace.css";
import { lazy, Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useSignedIn } from "./client-context.ts";
import { forgetWords } from "./conversation/kept-words.ts";
import { Home } from "./home.tsx";
import { Loading } from "./loading.tsx";
import { OpenThread } from "./open-thread.tsx";
import { PATTERNS, settingsPath, threadOf } from "./paths.ts";
import { ThreadList } from "./threads/thread-list.tsx";
import { useThreads } from "./threads/use-threads.ts";
import { useWords } from "./words/words.ts";

const Settings = lazy(() => import("./settings/settings.tsx"));
const Usage = lazy(() => import("./usage/usage.tsx"));

export function Workspace() {
  const { client, user } = useSignedIn();
  const { frame } = useWords();
  const threads = useThreads(client);
  const [path, goTo] = useLocation();
  const openId = threadOf(path);

  /** Forgotten here at once; a server out of reach learns of it when the session ages out. */
  function logOut() {
    goTo(PATTERNS.home);
    forgetWords(user.id);
    client.logout().catch(() => undefined);
  }

  return (
    <div className="workspace" data-open={path !== PATTERNS.home}>
      <header className="masthead">
        <h1>{frame.product}</h1>
        <Link className="all-threads button" href={PATTERNS.home}>
          {frame.allThreads}
        </Link>
        <Link href={PATTERNS.usage}>{frame.usage}</Link>
        <Link href={settingsPath("")}>{frame.settings}</Link>
        <a href="/docs">{frame.api}</a>
        <span className="email">{user.email}</span>
        <button type="button" onClick={logOut}>
          {frame.logOut}
        </button>
      </header>
      <ThreadList threads={threads} openId={openId} />
      <main>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path={PATTERNS.settings}>
              {({ section }) => <Settings section={section} />}
            </Route>
            <Route path={PATTERNS.usage}>
              <Usage />
            </Route>
            <Route>
              {openId === null ? (
                <Home />
              ) : (
                <OpenThread key={openId} client={client} threads={threads} threadId={openId} />
              )}
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}
