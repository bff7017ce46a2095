/** One field of a form: its label, a hint, and what was wrong with it, read out together. */
import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import type { Faults } from "./fault-words.ts";
import { useFault } from "./form.tsx";

interface Said {
  /** The field's name in the request's body, and so in a problem's `errors`. */
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  /** What it says to faults that deserve better words than every field has. */
  readonly faults?: Faults | undefined;
}

/** A line to type. */
export function Field({
  label,
  hint,
  faults,
  ...input
}: InputHTMLAttributes<HTMLInputElement> & Said) {
  const { attributes, frame } = useFrame({ name: input.name, label, hint, faults });
  return frame(<input {...input} {...attributes} />);
}

/** Several lines to type. */
export function TextField({
  label,
  hint,
  faults,
  ...textarea
}: TextareaHTMLAttributes<HTMLTextAreaElement> & Said) {
  const { attributes, frame } = useFrame({ name: textarea.name, label, hint, faults });
  return frame(<textarea rows={3} {...textarea} {...attributes} />);
}

/** One of several. */
export function Choice({
  label,
  hint,
  faults,
  ...select
}: SelectHTMLAttributes<HTMLSelectElement> & Said) {
  const { attributes, frame } = useFrame({ name: select.name, label, hint, faults });
  return frame(<select {...select} {...attributes} />);
}

/** Any of several: each option by its value. */
export function Choices({
  name,
  label,
  faults,
  options,
  chosen,
}: Said & {
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly chosen: readonly string[];
}) {
  const fault = useFault(name, faults);
  const faultId = useId();
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      {options.map(([value, said]) => (
        <label key={value} className="choice">
          <input
            type="checkbox"
            name={name}
            value={value}
            defaultChecked={chosen.includes(value)}
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : faultId}
          />
          <span>{said}</span>
        </label>
      ))}
      {fault !== undefined && (
        <p className="problem" id={faultId}>
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function useFrame({ name, label, hint, faults }: Said) {
  const id = useId();
  const fault = useFault(name, faults);
  const [hintId, faultId] = [`${id}-hint`, `${id}-fault`];
  const described = [hint && hintId, fault !== undefined && faultId].filter(Boolean).join(" ");
  return {
    attributes: {
      id,
      "aria-invalid": fault !== undefined,
      "aria-describedby": described || undefined,
    },
    frame: (control: ReactNode) => (
      <div className="field">
        <label htmlFor={id}>{label}</label>
        {control}
        {fault !== undefined && (
          <p className="problem" id={faultId}>
            {fault}
          </p>
        )}
        {hint && (
          <p className="hint" id={hintId}>
            {hint}
          </p>
        )}
      </div>
    ),
  };
}
