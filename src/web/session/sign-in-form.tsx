/** A form that signs somebody in: its fields, its one button, and what the server had against it. */
import { type InputHTMLAttributes, type SubmitEvent, useEffect, useId, useRef } from "react";
import type { ApexError } from "../../protocol/errors.ts";
import { useAttempt } from "../attempt.ts";
import { ProblemNote } from "../problem-note.tsx";

interface FieldSpec extends InputHTMLAttributes<HTMLInputElement> {
  /** The field's name in the request body, and so in a problem's `errors`. */
  readonly name: string;
  readonly label: string;
}

interface Props {
  readonly name: string;
  readonly action: string;
  readonly fields: readonly FieldSpec[];
  /** Takes what was typed, unchecked; what it throws is shown. */
  readonly onSubmit: (typed: unknown) => Promise<void>;
}

/** Validates nothing itself, so that a fault is told in one way, whoever found it. */
export function SignInForm({ name, action, fields, onSubmit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const { pending, problem, run } = useAttempt();

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem]);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget));
    void run(() => onSubmit(typed));
  }

  return (
    <form ref={form} aria-label={name} onSubmit={submit} noValidate>
      {fields.map((field) => (
        <Field key={field.name} {...field} fault={faultOf(problem, field.name)} />
      ))}
      <ProblemNote problem={problem} />
      <button type="submit" className="primary" disabled={pending}>
        {action}
      </button>
    </form>
  );
}

function Field({ label, fault, ...input }: FieldSpec & { readonly fault: string | undefined }) {
  const faultId = useId();
  const isFaulty = fault !== undefined;
  return (
    <div>
      <label>
        {label}
        <input
          aria-invalid={isFaulty}
          aria-describedby={isFaulty ? faultId : undefined}
          {...input}
        />
      </label>
      {isFaulty && (
        <p className="problem" id={faultId}>
          {fault}
        </p>
      )}
    </div>
  );
}

function faultOf(problem: ApexError | null, field: string): string | undefined {
  return problem?.errors.find((error) => error.field === field)?.message;
}
