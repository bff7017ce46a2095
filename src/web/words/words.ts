/** What the page says, in the language of the person: one catalogue a language, all of the same shape. */
import { createContext, useContext } from "react";
import { EN } from "./en.ts";

/** Every sentence of the page; what depends on a figure or a name is a function of it. */
export type Words = typeof EN;

/** Another language is another catalogue of the same type, given here. */
export const WordsContext = createContext<Words>(EN);

/** @returns the page's words. */
export function useWords(): Words {
  return useContext(WordsContext);
}
