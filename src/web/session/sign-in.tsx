/** The way in: email and password, a new account, or the development sign-in where there is one. */
import "./session.css";
import { useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import { DevLoginBody, LoginBody, RegisterBody } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { ProviderButtons } from "./provider-buttons.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const EMAIL = { name: "email", label: "Email", type: "email", autoComplete: "username" };
const PASSWORD = { name: "password", label: "Password", type: "password" };

/** The forms; signing in changes the client's store, which is what the page follows. */
export function SignIn({ client }: { readonly client: ApexClient }) {
  const [isNew, setNew] = useState(false);
  return (
    <main className="sign-in">
      <h1>Apex Edge</h1>
      {isNew ? (
        <SignInForm
          key="register"
          name="New account"
          action="Create account"
          fields={[EMAIL, { ...PASSWORD, autoComplete: "new-password" }]}
          onSubmit={async (typed) => {
            await client.register(parseInput(RegisterBody, typed, "the form"));
          }}
        />
      ) : (
        <SignInForm
          key="login"
          name="Sign-in"
          action="Sign in"
          fields={[EMAIL, { ...PASSWORD, autoComplete: "current-password" }]}
          onSubmit={async (typed) => {
            await client.login(parseInput(LoginBody, typed, "the form"));
          }}
        />
      )}
      <button type="button" onClick={() => setNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
      <ProviderButtons client={client} />
      <DevSignIn client={client} />
    </main>
  );
}

/**
 * Needs no password, so only development has it. Every other environment is reached over HTTPS, and
 * answers 404: there the form stays away, or goes away once it was refused.
 */
function DevSignIn({ client }: { readonly client: ApexClient }) {
  const [isOffered, setOffered] = useState(location.protocol === "http:");
  if (!isOffered) return null;
  return (
    <SignInForm
      name="Development"
      action="Continue as developer"
      fields={[
        { name: "email", label: "Developer", type: "email", defaultValue: "developer@example.com" },
      ]}
      onSubmit={async (typed) => {
        try {
          await client.devLogin(parseInput(DevLoginBody, typed, "the form"));
        } catch (error) {
          if (error instanceof ApexError && error.status === 404) setOffered(false);
          throw error;
        }
      }}
    />
  );
}
