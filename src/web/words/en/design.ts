/** The controls that every room of the page uses. */

export const design = {
  theme: "Appearance",
  themes: { system: "System", light: "Light", dark: "Dark" },
  dismiss: "Dismiss",
};
