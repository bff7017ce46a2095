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
import { type Faults, useFaultWords } from "./fault-words.ts";

const ProblemContext = createContext<ApexError | null>(null);

interface Props {
  /** What the form is called, for who does not see where it stands. */
  readonly label: string;
  readonly action: string;
  /** Takes what was typed, unchecked. @returns what to say then; what it throws is shown. */
  readonly onSubmit: (typed: FormData) => Promise<string | undefined>;
  readonly isDangerous?: boolean;
  /** What an attempt from before this form was shown had against its fields. */
  readonly earlier?: ApexError | null;
  /** Beside the button. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** Empties itself once it has done its work. */
export function Form(props: Props) {
  const { label, action, onSubmit, isDangerous, earlier = null, aside, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const { pending, problem, run } = useAttempt();
  const [done, setDone] = useState("");
  const [isLoose, setLoose] = useState(false);

  const told = problem ?? earlier;
  useEffect(() => {
    if (told) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [told]);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const { currentTarget } = event;
    setDone("");
    void run(async () => {
      try {
        assertFilled(currentTarget);
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
      <ProblemContext value={told}>{children}</ProblemContext>
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
export function useFault(name: string, faults?: Faults): string | undefined {
  const say = useFaultWords();
  const errors = useContext(ProblemContext)?.errors ?? [];
  const fault = errors.find(({ field }) => field === name || field.startsWith(`${name}.`));
  return fault && say(fault, faults);
}

function hasField(form: HTMLFormElement, field: string): boolean {
  const [name = field] = field.split(".");
  return [field, name].some((each) => form.elements.namedItem(each) !== null);
}

function assertFilled(form: HTMLFormElement): void {
  const message = "must not be empty";
  const errors = [...form.querySelectorAll<HTMLInputElement>("[required]")].flatMap(
    ({ name, value }) =>
      value.trim() === "" ? [{ field: name, message, code: "required" as const }] : [],
  );
  if (errors.length > 0) throw new ApexError("invalid_fields", message, { errors });
}
