/** The setting that lists origins of other hosts' pages. */
import * as z from "zod";
import { isLoopback } from "./secret-url.ts";

/** Origins of pages by comma, each as browsers write it; nothing that would stand for several. */
export const Origins = z
  .string()
  .default("")
  .transform((list) => list.split(",").map((origin) => origin.trim()))
  .transform((list) => list.filter((origin) => origin !== ""))
  .pipe(
    z.array(
      z.string().refine(isExactOrigin, "must be an exact https origin, as https://app.example.com"),
    ),
  );

/** http is for the loopback alone: elsewhere anybody on the way could be such a page. */
function isExactOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  if (url?.origin !== origin || origin.includes("*")) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
