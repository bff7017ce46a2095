/** Light or dark: the system's choice, or the person's own, kept in this browser and told to every tab. */
import { useCallback, useSyncExternalStore } from "react";

/** Every choice there is, in the order it is offered. */
export const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** As public/theme.js has it, which sets the theme before anything is drawn. */
const KEY = "apex-edge.theme";
const changes = new EventTarget();

/** @returns the theme that was chosen, and how to choose another. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, read);
  const choose = useCallback((chosen: Theme) => {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
    changes.dispatchEvent(new Event("change"));
  }, []);
  return [theme, choose];
}

/** Has the document follow what is chosen, here and in other tabs. Call it once, as the page starts. */
export function followTheme(): void {
  subscribe(() => {
    const theme = read();
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
}

function read(): Theme {
  const held = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === held) ?? "system";
}

function subscribe(changed: () => void): () => void {
  changes.addEventListener("change", changed);
  // The browser sends `storage` to the other tabs only.
  addEventListener("storage", changed);
  return () => {
    changes.removeEventListener("change", changed);
    removeEventListener("storage", changed);
  };
}
