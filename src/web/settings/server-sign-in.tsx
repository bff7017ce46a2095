/** Signing in to a connected server: away to where it asks, with a client of one's own where it needs one. */
import type { McpServerHealth, SignInToMcpServerBody } from "../../protocol/mcp-servers.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { useChange } from "../form/use-change.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  readonly server: McpServerHealth;
  /** Says what was done. */
  readonly onDone: (notice: string) => void;
}

/** For servers that ask for a sign-in, or have one. */
export function ServerSignIn({ server: { id, name, sign_in, signs_in_at }, onDone }: Props) {
  const { client } = useSignedIn();
  const words = useWords().settings.servers.signIn;
  const { pending, problem, run } = useAttempt();
  const end = useChange(client.mcpServers.signOut, "mcp-servers", "mcp-tools");
  const asksForClient = problem?.errors.some(({ field }) => field === "client_id") ?? false;

  async function goThere(body?: SignInToMcpServerBody) {
    const { authorization_url } = await client.mcpServers.signIn(id, body);
    location.assign(authorization_url);
  }
  async function signOut() {
    await end.mutateAsync(id);
    onDone(words.done(name));
  }

  if (sign_in === "signed_in") {
    return (
      <div className="hint">
        {words.at(signs_in_at ?? "")}{" "}
        <button type="button" disabled={pending} onClick={() => void run(signOut)}>
          {words.out}
        </button>
        <ProblemNote problem={problem} />
      </div>
    );
  }
  return (
    <div>
      <button
        type="button"
        className="primary"
        aria-label={words.inTo(name)}
        disabled={pending}
        onClick={() => void run(() => goThere())}
      >
        {sign_in === "needed_again" ? words.again : words.in}
      </button>
      <ProblemNote problem={problem} />
      {asksForClient && (
        <Form
          label={words.form(name)}
          action={words.in}
          onSubmit={async (typed) => {
            const [client_id, secret] = [typed.get("client_id"), typed.get("client_secret")];
            await goThere({ client_id: String(client_id), client_secret: String(secret) || null });
            return undefined;
          }}
        >
          <Field name="client_id" label={words.clientId} autoComplete="off" required />
          <Field
            name="client_secret"
            label={words.clientSecret}
            hint={words.clientSecretHint}
            type="password"
            autoComplete="off"
          />
        </Form>
      )}
    </div>
  );
}
