/** The way to the developer panel: Ctrl+Shift+D. The panel itself is loaded when it is first asked for. */
import { lazy, Suspense, useEffect, useState } from "react";

const DeveloperPanel = lazy(() => import("./developer-panel.tsx"));

export function Developer() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!event.ctrlKey || !event.shiftKey || event.code !== "KeyD") return;
      event.preventDefault();
      setShown((was) => !was);
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (!isShown) return null;
  return (
    <Suspense>
      <DeveloperPanel onClose={() => setShown(false)} />
    </Suspense>
  );
}
