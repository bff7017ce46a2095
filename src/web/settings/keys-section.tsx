/** What programs sign in with: made, shown once, and revoked. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiKey, CreateApiKeyBody } from "../../protocol/account.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useSignedIn } from "../client-context.ts";
import { Section } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Choice, Choices, Field } from "../form/field.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { Rows } from "./rows.tsx";
import { SecretForm } from "./secret-form.tsx";

const LIFETIMES = [7, 30, 90, 365];
const USUAL_LIFETIME = 90;
/** What a program needs to ask, and to read the answer. */
const USUAL_SCOPES = ["threads:read", "threads:write", "runs:read", "runs:write", "tools:*"];

export function KeysSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.keys;
  const [notice, setNotice] = useState("");
  const keys = useQuery({ queryKey: ["keys"], queryFn: client.keys.list });
  const revoke = useChange(client.keys.revoke, "keys");
  return (
    <Section title={settings.sections.keys} hint={words.hint} notice={notice}>
      <Rows query={keys} words={words}>
        {(key) => (
          <KeyRow
            key={key.id}
            apiKey={key}
            onRevoke={async () => {
              await revoke.mutateAsync(key.id);
              setNotice(words.revoked);
            }}
          />
        )}
      </Rows>
      <NewKey />
    </Section>
  );
}

function NewKey() {
  const { client } = useSignedIn();
  const words = useWords().settings.keys;
  const create = useChange(client.keys.create, "keys");
  return (
    <SecretForm
      words={words}
      onMake={async (typed) => {
        const given = {
          name: typed.get("name"),
          scopes: typed.getAll("scopes"),
          expires_in_days: Number(typed.get("expires_in_days")),
        };
        const body = parseInput(CreateApiKeyBody, given, "the form");
        const { name, key } = await create.mutateAsync(body);
        return { label: words.created(name), secret: key };
      }}
    >
      <Field name="name" label={words.name} hint={words.nameHint} autoComplete="off" required />
      <Choice name="expires_in_days" label={words.expires} defaultValue={USUAL_LIFETIME}>
        {LIFETIMES.map((days) => (
          <option key={days} value={days}>
            {words.days(days)}
          </option>
        ))}
      </Choice>
      <Choices
        name="scopes"
        label={words.scopes}
        faults={words.scopesFaults}
        options={Object.entries(words.scope)}
        chosen={USUAL_SCOPES}
      />
    </SecretForm>
  );
}

interface RowProps {
  readonly apiKey: ApiKey;
  readonly onRevoke: () => Promise<void>;
}

function KeyRow({ apiKey, onRevoke }: RowProps) {
  const words = useWords().settings.keys;
  const told = useTold();
  const { name, start, scopes, last_used_at, expires_at, revoked_at } = apiKey;
  const isOver = revoked_at !== null || Date.parse(expires_at) <= Date.now();
  const validity =
    revoked_at === null
      ? (isOver ? words.expired : words.validUntil)(told.day(expires_at))
      : words.revokedAt(told.day(revoked_at));
  return (
    <li className="card row" data-over={isOver}>
      <div>
        <strong>{name}</strong> <code className="hint">{start}…</code>
        <p className="hint">
          {validity} ·{" "}
          {last_used_at === null ? words.usedNever : words.used(told.distance(last_used_at))}
        </p>
        <p className="hint">{scopes.join(", ")}</p>
      </div>
      {!isOver && (
        <ConfirmButton
          label={words.revoke}
          name={words.revokeOf(name)}
          title={words.revokeTitle(name)}
          action={words.revokeAction}
          onConfirm={onRevoke}
        >
          {words.revokeText}
        </ConfirmButton>
      )}
    </li>
  );
}
