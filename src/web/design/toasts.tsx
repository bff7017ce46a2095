/** What has just happened, said at the foot of the page for a while, with at most one thing to do about it. */
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { useWords } from "../words/words.ts";
import { CloseIcon } from "./icons.tsx";

export interface Toast {
  readonly text: string;
  /** The way back, or on: `{ label: "Undo", run }`. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

type Show = (toast: Toast) => void;

interface Shown extends Toast {
  readonly id: number;
}

/** Long enough to read it, find the button, and press it. */
const SHOWN_MS = 8_000;
/** Older ones go: what has happened since counts more. */
const AT_ONCE = 3;

const ShowContext = createContext<Show>(() => undefined);

/** @returns how to show a toast. What it offers must be had elsewhere too, since it goes by itself. */
export function useToasts(): Show {
  return use(ShowContext);
}

/** Stands around the page; what is shown is announced politely, in the region that is always there. */
export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const count = useRef(0);
  const show = useCallback<Show>((toast) => {
    count.current += 1;
    const shown = { ...toast, id: count.current };
    setToasts((others) => [...others, shown].slice(-AT_ONCE));
  }, []);
  const drop = useCallback((toast: Shown) => {
    setToasts((shown) => shown.filter((each) => each !== toast));
  }, []);
  return (
    <ShowContext value={show}>
      {children}
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} drop={drop} />
        ))}
      </div>
    </ShowContext>
  );
}

/** Waits while one points at it, or has the focus in it. */
function ToastItem(props: { readonly toast: Shown; readonly drop: (toast: Shown) => void }) {
  const { toast, drop } = props;
  const { design } = useWords();
  const [isHeld, setHeld] = useState(false);
  const { text, action } = toast;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => drop(toast), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast, drop, isHeld]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it, it does nothing
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {text}
      {action && (
        <button
          type="button"
          className="small"
          onClick={() => {
            drop(toast);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        className="icon small"
        aria-label={design.dismiss}
        onClick={() => drop(toast)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
