/** Labels out of tags: `feature:search`, `env:production`, or a bare word for the feature. */

/** @returns the labels that tags name; a bare tag is the feature, where none says so. */
export function labelsOf(tags: readonly string[]) {
  const named = (...names: readonly string[]) => {
    const tag = tags.find((each) => names.some((name) => each.startsWith(`${name}:`)));
    return tag?.slice(tag.indexOf(":") + 1).trim() || null;
  };
  const bare = tags.find((tag) => !tag.includes(":"));
  return {
    feature: named("feature") ?? bare ?? null,
    environment: named("environment", "env"),
    prompt_name: named("prompt"),
  };
}
