/** What is kept of one: taken along, or deleted for good. */
import { useState } from "react";
import { useLocation } from "wouter";
import { DeleteAccountBody } from "../../protocol/account.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Part, Section } from "../design/section.tsx";
import { DialogButton } from "../form/dialog-button.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { useTold } from "../form/told.ts";
import { PATTERNS } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { isWhole, saveAs } from "./export-file.ts";

const KILOBYTE = 1_000;

export function DataSection() {
  const { settings } = useWords();
  return (
    <Section title={settings.sections.data} hint={settings.data.hint}>
      <ExportPart />
      <DeletePart />
    </Section>
  );
}

function ExportPart() {
  const { client } = useSignedIn();
  const words = useWords().settings.data;
  const told = useTold();
  const { pending, problem, run } = useAttempt();
  const [said, setSaid] = useState("");
  const [isCutOff, setCutOff] = useState(false);
  const exportAll = () =>
    run(async () => {
      setSaid("");
      setCutOff(false);
      const lines = await client.account.export(new AbortController().signal);
      const file = await new Response(lines).blob().catch(() => null);
      if (file === null || !(await isWhole(file))) {
        setCutOff(true);
        return;
      }
      saveAs(file, words.file);
      setSaid(words.exported(`${told.count(Math.ceil(file.size / KILOBYTE))} kB`));
    });
  return (
    <Part title={words.export} hint={words.exportHint}>
      <ProblemNote problem={problem} />
      {isCutOff && (
        <p className="problem" role="alert">
          {words.incomplete}
        </p>
      )}
      <div className="form-end">
        <button type="button" disabled={pending} onClick={() => void exportAll()}>
          {words.exportAction}
        </button>
        <p className="done" role="status">
          {pending ? words.exporting : said}
        </p>
      </div>
    </Part>
  );
}

/** The address is typed again, so that no slip of a hand deletes an account. */
function DeletePart() {
  const { client, user } = useSignedIn();
  const words = useWords().settings.data;
  const [, goTo] = useLocation();
  return (
    <Part title={words.delete} hint={words.deleteHint}>
      <div>
        <DialogButton label={words.deleteButton} title={words.deleteTitle} isDangerous>
          {(close) => (
            <>
              <p>{words.deleteText(user.email)}</p>
              <Form
                label={words.deleteForm}
                action={words.deleteAction}
                isDangerous
                onSubmit={async (typed) => {
                  const given = { email: typed.get("email") };
                  await client.account.delete(parseInput(DeleteAccountBody, given, "the form"));
                  goTo(PATTERNS.home);
                  return undefined;
                }}
                aside={<Cancel onClick={close} />}
              >
                <Field
                  name="email"
                  label={words.email}
                  faults={words.emailFaults}
                  type="email"
                  autoComplete="off"
                  required
                />
              </Form>
            </>
          )}
        </DialogButton>
      </div>
    </Part>
  );
}

function Cancel({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      {useWords().form.cancel}
    </button>
  );
}
