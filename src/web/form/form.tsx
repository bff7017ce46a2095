/** A form: its fields, its one button, and what came of it, each told where it belongs. */
import "./form.css";
import {
  createContext,
  type ReactNode,
  type SubmitEvent,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import { ApexError } from "../../protocol/errors.ts";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

const ProblemContext = createContext<ApexError | null>(null);

interface Props {
  /** What the form is called, for who does not see where it stands. */
  readonly label: string;
  readonly action: string;
  /** Takes what was typed, unchecked. @returns what to say then; what it throws is shown. */
  readonly onSubmit: (typed: FormData) => Promise<string | undefined>;
  readonly isDangerous?: boolean;
  /** Beside the button. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** Empties itself once it has done its work. */
export function Form({ label, action, onSubmit, isDangerous, aside, children }: Props) {
  const { form: words } = useWords();
  const form = useRef<HTMLFormElement>(null);
  const { pending, problem, run } = useAttempt();
  const [done, setDone] = useState("");
  const [isLoose, setLoose] = useState(false);

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem]);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const { currentTarget } = event;
    setDone("");
    void run(async () => {
      try {
        assertFilled(currentTarget, words.empty);
        const said = await onSubmit(new FormData(currentTarget));
        currentTarget.reset();
        setDone(said ?? "");
      } catch (error) {
        const failure = ApexError.from(error);
        setLoose(!failure.errors.some(({ field }) => hasField(currentTarget, field)));
        throw failure;
      }
    });
  }

  return (
    <form ref={form} className="form" aria-label={label} onSubmit={submit} noValidate>
      <ProblemContext value={problem}>{children}</ProblemContext>
      {isLoose && <ProblemNote problem={problem} />}
      <div className="form-end">
        <button
          type="submit"
          className={isDangerous ? "primary danger" : "primary"}
          disabled={pending}
          aria-busy={pending}
        >
          {action}
        </button>
        {aside}
        <p className="done" role="status">
          {done}
        </p>
      </div>
    </form>
  );
}

/** @returns what the last attempt had against a field, or against a part of it. */
export function useFault(name: string): string | undefined {
  const errors = useContext(ProblemContext)?.errors ?? [];
  return errors.find(({ field }) => field === name || field.startsWith(`${name}.`))?.message;
}

function hasField(form: HTMLFormElement, field: string): boolean {
  const [name = field] = field.split(".");
  return [field, name].some((each) => form.elements.namedItem(each) !== null);
}

function assertFilled(form: HTMLFormElement, message: string): void {
  const errors = [...form.querySelectorAll<HTMLInputElement>("[required]")].flatMap(
    ({ name, value }) => (value.trim() === "" ? [{ field: name, message }] : []),
  );
  if (errors.length > 0) throw new ApexError("invalid_fields", message, { errors });
}
