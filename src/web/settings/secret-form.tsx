/** The making of something that has a secret. */
import { type ReactNode, useState } from "react";
import { Part } from "../design/section.tsx";
import { Form } from "../form/form.tsx";
import { ShownOnce } from "../form/shown-once.tsx";

/** A secret that was made just now, and what it is of. */
interface Made {
  readonly label: string;
  readonly secret: string;
}

interface Props {
  readonly words: {
    readonly make: string;
    readonly form: string;
    readonly create: string;
    readonly once: string;
  };
  /** Makes it of what was typed. */
  readonly onMake: (typed: FormData) => Promise<Made>;
  /** The fields of the form. */
  readonly children: ReactNode;
}

/** A form, and above it the secret of what it has made, until that is put away. */
export function SecretForm({ words, onMake, children }: Props) {
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Part title={words.make}>
      {made !== null && (
        <ShownOnce key={made.secret} {...made} hint={words.once} onClose={() => setMade(null)} />
      )}
      <Form
        label={words.form}
        action={words.create}
        onSubmit={async (typed) => {
          setMade(await onMake(typed));
          return undefined;
        }}
      >
        {children}
      </Form>
    </Part>
  );
}
