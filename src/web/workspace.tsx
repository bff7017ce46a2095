/** What a signed-in person works in: the threads beside the view that the address names. */
import { MenuIcon, PlusIcon } from "./design/icons.tsx";
import "./workspace.css";
import { lazy, Suspense, useEffect, useEffectEvent, useRef } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { AccountMenu } from "./frame/account-menu.tsx";
import { useDocumentTitle } from "./frame/use-document-title.ts";
import { useSearchKeys } from "./frame/use-search-keys.ts";
import { type Side, useSide } from "./frame/use-side.ts";
import { Home } from "./home.tsx";
import { Loading } from "./loading.tsx";
import { OpenThread } from "./open-thread.tsx";
import { PATTERNS, threadOf } from "./paths.ts";
import { NewThreadButton } from "./threads/new-thread-button.tsx";
import { ThreadHeader } from "./threads/thread-header.tsx";
import { ThreadList } from "./threads/thread-list.tsx";
import { useThreadActions } from "./threads/threads-context.ts";
import { ThreadsProvider } from "./threads/threads-provider.tsx";
import { useThreadOf } from "./threads/use-threads.ts";
import { useTitleOf } from "./threads/use-title-of.ts";
import { useWords } from "./words/words.ts";

const Operator = lazy(() => import("./operator/operator.tsx"));
const Settings = lazy(() => import("./settings/settings.tsx"));
const Usage = lazy(() => import("./usage/usage.tsx"));

export function Workspace() {
  return (
    <ThreadsProvider>
      <Frame />
    </ThreadsProvider>
  );
}

function Frame() {
  const { frame } = useWords();
  const [path] = useLocation();
  const openId = threadOf(path);
  const side = useSide(path);
  const view = useRef<HTMLElement>(null);
  const sideBar = useRef<HTMLElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const isCovered = side.isNarrow && side.isOpen;
  const openedAt = useRef(path);

  useSearchKeys(() => {
    side.open();
    requestAnimationFrame(() => {
      sideBar.current?.querySelector<HTMLElement>("[data-search]")?.focus();
    });
  });

  const follow = useEffectEvent((isOpen: boolean) => {
    if (isOpen) {
      openedAt.current = path;
      if (isCovered) sideBar.current?.querySelector<HTMLElement>("button")?.focus();
    } else if (document.activeElement === document.body) {
      // The list had the focus: it goes to where the list led, or back to what opened it.
      const toggle = bar.current?.querySelector<HTMLElement>("[aria-expanded]");
      (openedAt.current === path ? toggle : view.current)?.focus();
    }
  });
  useEffect(() => follow(side.isOpen), [side.isOpen]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the path may lose the focus
  useEffect(() => {
    // A view that takes the focus itself has done so; where nothing has it, it goes to the view.
    if (document.activeElement === document.body) view.current?.focus();
  }, [path]);

  return (
    <div className="workspace" data-side={side.isOpen ? "open" : "closed"}>
      <button type="button" className="skip visually-hidden" onClick={() => view.current?.focus()}>
        {frame.skipToContent}
      </button>
      {side.isOpen && (
        <aside
          ref={sideBar}
          className="side"
          aria-label={frame.side}
          onKeyDown={({ key }) => key === "Escape" && isCovered && side.close()}
        >
          <header className="masthead">
            <h1>
              <Link href={PATTERNS.home}>{frame.product}</Link>
            </h1>
            <SideButton label={frame.hideThreads} isOpen onPress={side.close} />
          </header>
          <ThreadList openId={openId} />
          <AccountMenu />
        </aside>
      )}
      <div ref={bar} className="stage" inert={isCovered}>
        <TopBar path={path} side={side} />
        <main ref={view} id="view" tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path={PATTERNS.settings}>
                {({ section }) => <Settings section={section} />}
              </Route>
              <Route path={PATTERNS.usage}>
                <Usage />
              </Route>
              <Route path={PATTERNS.operator}>{({ page }) => <Operator page={page} />}</Route>
              <Route>
                {openId === null ? <Home /> : <OpenThread key={openId} threadId={openId} />}
              </Route>
            </Switch>
          </Suspense>
        </main>
      </div>
    </div>
  );
}

interface TopBarProps {
  readonly path: string;
  readonly side: Side;
}

/** Above the view: the way to the list where that is hidden, and the open thread's title. */
function TopBar({ path, side }: TopBarProps) {
  const { frame } = useWords();
  const openId = threadOf(path);
  if (side.isOpen && openId === null) return <ViewTitle path={path} />;
  return (
    <header className="top-bar">
      {!side.isOpen && <h1 className="visually-hidden">{frame.product}</h1>}
      {!side.isOpen && <SideButton label={frame.showThreads} isOpen={false} onPress={side.open} />}
      {openId === null ? (
        <>
          <Link className="brand" href={PATTERNS.home}>
            {frame.product}
          </Link>
          <ViewTitle path={path} />
        </>
      ) : (
        <OpenTitle key={openId} id={openId} />
      )}
      {!side.isOpen && (
        <NewThreadButton className="icon">
          <PlusIcon />
        </NewThreadButton>
      )}
    </header>
  );
}

function OpenTitle({ id }: { readonly id: NonNullable<ReturnType<typeof threadOf>> }) {
  const { hidden } = useThreadActions();
  const { thread } = useThreadOf(id);
  const titleOf = useTitleOf();
  const isShown = thread != null && !hidden.has(id);
  useDocumentTitle(isShown ? titleOf(thread) : null);
  return isShown ? <ThreadHeader thread={thread} /> : null;
}

/** Names the tab after a view that is no thread. */
function ViewTitle({ path }: { readonly path: string }) {
  const { frame, settings, usage } = useWords();
  const [, view] = path.split("/");
  const titles: Readonly<Record<string, string>> = {
    operator: frame.operator,
    settings: settings.title,
    usage: usage.title,
  };
  useDocumentTitle(titles[view ?? ""] ?? null);
  return null;
}

interface SideButtonProps {
  readonly label: string;
  readonly isOpen: boolean;
  readonly onPress: () => void;
}

function SideButton({ label, isOpen, onPress }: SideButtonProps) {
  return (
    <button
      type="button"
      className="icon"
      aria-label={label}
      aria-expanded={isOpen}
      title={label}
      onClick={onPress}
    >
      <MenuIcon />
    </button>
  );
}
