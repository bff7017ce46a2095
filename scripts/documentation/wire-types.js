/** The wire's schemas are types to who uses the SDK: what runs of them is not exported, so it is not told of. */
import { Converter, ReflectionKind } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Variable)) return;
    const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
    const { fileName = "" } = declaration?.getSourceFile() ?? {};
    if (fileName.includes("/src/protocol/")) context.project.removeReflection(reflection);
  });
}
