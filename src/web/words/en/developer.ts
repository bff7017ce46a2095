/** The panel for developers. */

export const developer = {
  title: "Events",
};
