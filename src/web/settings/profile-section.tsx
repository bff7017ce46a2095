/** Who one is, and the password that says so. */
import { ChangePasswordBody } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { UpdateProfileBody } from "../../protocol/preferences.ts";
import { useSignedIn } from "../client-context.ts";
import { Part, Section } from "../design/section.tsx";
import { ThemeSwitch } from "../design/theme-switch.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";

export function ProfileSection() {
  const { client, user } = useSignedIn();
  const { settings } = useWords();
  const told = useTold();
  const words = settings.profile;
  const rename = useChange(client.profile.rename, "team");
  return (
    <Section title={settings.sections.profile} hint={words.hint}>
      <Part title={words.details}>
        <dl className="facts">
          <dt>{words.email}</dt>
          <dd>{user.email}</dd>
          <dt>{words.tier}</dt>
          <dd>{settings.limits.tiers[user.tier]}</dd>
          <dt>{words.since}</dt>
          <dd>{told.day(user.created_at)}</dd>
        </dl>
        <Form
          label={words.form}
          action={words.save}
          onSubmit={async (typed) => {
            const given = { name: typed.get("name") };
            await rename.mutateAsync(parseInput(UpdateProfileBody, given, "the form"));
            await client.refresh();
            return words.saved;
          }}
        >
          <Field
            key={user.name}
            name="name"
            label={words.name}
            defaultValue={user.name}
            autoComplete="name"
            required
          />
        </Form>
      </Part>
      <PasswordPart />
      <Part title={words.appearance} hint={words.appearanceHint}>
        <div>
          <ThemeSwitch />
        </div>
      </Part>
    </Section>
  );
}

function PasswordPart() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.password;
  const change = useChange(client.profile.changePassword, "sessions");
  return (
    <Part title={words.title} hint={words.hint}>
      <Form
        label={words.form}
        action={words.save}
        onSubmit={async (typed) => {
          const given = {
            current_password: typed.get("current_password"),
            new_password: typed.get("new_password"),
          };
          try {
            await change.mutateAsync(parseInput(ChangePasswordBody, given, "the form"));
          } catch (error) {
            throw atCurrentPassword(error);
          }
          return words.saved;
        }}
      >
        <Field
          name="current_password"
          label={words.current}
          faults={words.currentFaults}
          type="password"
          autoComplete="current-password"
          required
        />
        <Field
          name="new_password"
          label={words.new}
          hint={words.newHint}
          type="password"
          autoComplete="new-password"
          required
        />
      </Form>
    </Part>
  );
}

/** The server says that the password is wrong, as at a sign-in: here only one field can be. */
function atCurrentPassword(error: unknown): unknown {
  if (!(error instanceof ApexError) || error.code !== "credentials_invalid") return error;
  return new ApexError(error.code, error.message, {
    errors: [{ field: "current_password", message: error.message, code: "mismatch" }],
    cause: error,
  });
}
