/** The way in: email and password, a new account, a provider, or the development sign-in. */
import "./session.css";
import { useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import { ApexError } from "../../protocol/errors.ts";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { useWords } from "../words/words.ts";
import { ProviderButtons } from "./provider-buttons.tsx";

/** Its schemas bring all of zod, which nobody needs before the first form is sent. */
const bodies = () => import("./sign-in-bodies.ts");

interface Props {
  readonly client: ApexClient;
}

/** One card; signing in changes the client's store, which is what the page follows. */
export function SignIn({ client }: Props) {
  const { frame, session } = useWords();
  const [isNew, setNew] = useState(false);
  const words = isNew ? session.register : session.signIn;
  return (
    <main className="sign-in">
      <header>
        <img src="/icon.svg" alt="" width="48" height="48" />
        <h1>{frame.product}</h1>
        <p className="hint">{session.tagline}</p>
      </header>
      <div className="card sign-in-card">
        <h2>{words.title}</h2>
        {isNew ? <Register client={client} /> : <LogIn client={client} />}
        <button type="button" className="quiet sign-in-other" onClick={() => setNew(!isNew)}>
          {words.other}
        </button>
        <ProviderButtons client={client} />
        <DevSignIn client={client} />
      </div>
    </main>
  );
}

function LogIn({ client }: Props) {
  const { session } = useWords();
  return (
    <Form
      label={session.signIn.form}
      action={session.signIn.action}
      onSubmit={async (typed) => {
        await client.login((await bodies()).parseLogin(typed));
        return undefined;
      }}
    >
      <Field
        name="email"
        label={session.email}
        faults={session.emailFaults}
        type="email"
        autoComplete="username"
      />
      <Field
        name="password"
        label={session.password}
        faults={session.passwordFaults}
        type="password"
        autoComplete="current-password"
      />
    </Form>
  );
}

function Register({ client }: Props) {
  const { session } = useWords();
  return (
    <Form
      label={session.register.form}
      action={session.register.action}
      onSubmit={async (typed) => {
        await client.register((await bodies()).parseRegistration(typed));
        return undefined;
      }}
    >
      <Field
        name="email"
        label={session.email}
        faults={session.emailFaults}
        type="email"
        autoComplete="username"
      />
      <Field
        name="password"
        label={session.password}
        faults={session.passwordFaults}
        hint={session.register.passwordHint}
        type="password"
        autoComplete="new-password"
      />
    </Form>
  );
}

/**
 * Needs no password, so only development has it. Every other environment is reached over HTTPS, and
 * answers 404: there the form stays away, or goes away once it was refused.
 */
function DevSignIn({ client }: Props) {
  const { development: words, emailFaults } = useWords().session;
  const [isOffered, setOffered] = useState(location.protocol === "http:");
  if (!isOffered) return null;
  return (
    <div className="sign-in-development">
      <Form
        label={words.form}
        action={words.action}
        onSubmit={async (typed) => {
          try {
            await client.devLogin((await bodies()).parseDevLogin(typed));
          } catch (error) {
            if (error instanceof ApexError && error.status === 404) setOffered(false);
            throw error;
          }
          return undefined;
        }}
      >
        <Field
          name="email"
          label={words.email}
          faults={emailFaults}
          type="email"
          defaultValue="developer@example.com"
          autoComplete="off"
        />
      </Form>
    </div>
  );
}
