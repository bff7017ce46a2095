/** One field of a form: its label, a hint, and what was wrong with it, read out together. */
import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { useFault } from "./form.tsx";

interface Said {
  /** The field's name in the request's body, and so in a problem's `errors`. */
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
}

/** A line to type. */
export function Field({ label, hint, ...input }: InputHTMLAttributes<HTMLInputElement> & Said) {
  const { attributes, frame } = useFrame({ name: input.name, label, hint });
  return frame(<input {...input} {...attributes} />);
}

/** Several lines to type. */
export function TextField({
  label,
  hint,
  ...textarea
}: TextareaHTMLAttributes<HTMLTextAreaElement> & Said) {
  const { attributes, frame } = useFrame({ name: textarea.name, label, hint });
  return frame(<textarea rows={3} {...textarea} {...attributes} />);
}

/** One of several. */
export function Choice({ label, hint, ...select }: SelectHTMLAttributes<HTMLSelectElement> & Said) {
  const { attributes, frame } = useFrame({ name: select.name, label, hint });
  return frame(<select {...select} {...attributes} />);
}

/** Any of several: each option by its value. */
export function Choices({
  name,
  label,
  options,
  chosen,
}: Said & {
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly chosen: readonly string[];
}) {
  const fault = useFault(name);
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

function useFrame({ name, label, hint }: Said) {
  const id = useId();
  const fault = useFault(name);
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
