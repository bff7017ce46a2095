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
  /** Hears that it went without its action: by itself, dismissed, or for newer ones. */
  readonly onPass?: () => void;
}

/** @returns how to take the toast away again, where what it offers was done elsewhere. */
type Show = (toast: Toast) => () => void;

interface Shown extends Toast {
  readonly id: number;
}

/** Long enough to read it, find the button, and press it. */
const TOAST_MS = 8_000;
/** Older ones go: what has happened since counts more. */
const AT_ONCE = 3;

const ShowContext = createContext<Show>(() => () => undefined);

/** @returns how to show a toast. What it offers must be had elsewhere too, since it goes by itself. */
export function useToasts(): Show {
  return use(ShowContext);
}

/** Stands around the page; what is shown is announced politely, in the region that is always there. */
export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  /** As the state, but known within one task, so that each toast passes once. */
  const shown = useRef<readonly Shown[]>([]);
  const count = useRef(0);
  const keep = useCallback((kept: readonly Shown[]) => {
    shown.current = kept;
    setToasts(kept);
  }, []);
  const withdraw = useCallback(
    (toast: Shown) => keep(shown.current.filter((each) => each !== toast)),
    [keep],
  );
  const pass = useCallback(
    (toast: Shown) => {
      if (!shown.current.includes(toast)) return;
      withdraw(toast);
      toast.onPass?.();
    },
    [withdraw],
  );
  const show = useCallback<Show>(
    (toast) => {
      count.current += 1;
      const added = { ...toast, id: count.current };
      for (const old of shown.current.slice(0, -(AT_ONCE - 1))) pass(old);
      keep([...shown.current, added]);
      return () => withdraw(added);
    },
    [keep, pass, withdraw],
  );
  return (
    <ShowContext value={show}>
      {children}
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} withdraw={withdraw} pass={pass} />
        ))}
      </div>
    </ShowContext>
  );
}

interface ItemProps {
  readonly toast: Shown;
  readonly withdraw: (toast: Shown) => void;
  readonly pass: (toast: Shown) => void;
}

/** Waits while one points at it, or has the focus in it: nobody is hurried (WCAG 2.2.1). */
function ToastItem({ toast, withdraw, pass }: ItemProps) {
  const { design } = useWords();
  const [isHeld, setHeld] = useState(false);
  const { text, action } = toast;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => pass(toast), TOAST_MS);
    return () => clearTimeout(timer);
  }, [toast, pass, isHeld]);
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
            withdraw(toast);
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
        onClick={() => pass(toast)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
