/** Signing in. */

export const session = {
  tagline: "See where your AI money goes, and what would save it.",
  signIn: {
    title: "Sign in",
    form: "Sign-in",
    action: "Sign in",
    other: "I am new here",
  },
  register: {
    title: "Create your account",
    form: "New account",
    action: "Create account",
    other: "I have an account",
    passwordHint: "At least 10 characters. A few words nobody would guess are best.",
  },
  email: "Email",
  emailFaults: {
    required: "Enter your email address.",
    invalid_format: "Enter a whole email address, like name@example.com.",
  },
  password: "Password",
  passwordFaults: { required: "Enter your password." },
  providers: "Other ways to sign in",
  with: (provider: string) => `Sign in with ${provider}`,
  development: {
    form: "Development",
    email: "Developer",
    action: "Continue as developer",
  },
  /** What the person can do about it, where the failure's own title does not say. */
  failures: {
    sign_in_failed:
      "The sign-in could not be completed. Please try again; your provider must have verified your email address.",
    email_taken:
      "An account with this email address exists. Sign in the way it was made: by its password, or by its own provider.",
    provider_unavailable: "The identity provider did not answer. Please try again later.",
  },
  failed: "The sign-in could not be completed.",
  failedAs: (title: string) => `${title}. Please try again.`,
};
