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
};
