/** How much of something is used: a bar, and the same in words. */
import { useId } from "react";

interface Props {
  readonly label: string;
  /** The figures, as `3 of 8`. */
  readonly said: string;
  readonly hint: string;
  readonly value: number;
  readonly max: number;
}

/** The share from which on a bar warns. */
const HIGH = 0.8;

export function Meter({ label, said, hint, value, max }: Props) {
  const labelId = useId();
  return (
    <div className="meter">
      <p className="meter-head">
        <span id={labelId}>{label}</span>
        <strong>{said}</strong>
      </p>
      <meter
        aria-labelledby={labelId}
        aria-valuetext={said}
        value={Math.min(value, max)}
        max={max}
        high={max * HIGH}
        optimum={0}
      />
      <p className="hint">{hint}</p>
    </div>
  );
}
