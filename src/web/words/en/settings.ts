/** The account: sessions, keys, servers, limits and budgets. */

export const settings = {
  title: "Settings",
};
