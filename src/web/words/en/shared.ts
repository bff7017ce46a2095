/** A thread that was shared by a link. */

export const shared = {
  title: "Shared conversation",
};
