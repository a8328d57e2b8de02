import { language } from "../lib/i18n/phone/index.svelte";

/** What to tell the customer: the server's own sentence in English, ours in the other languages. */
export function sentence(problem: { code: string; detail: string }): string {
  const { say, locale } = language;
  if (problem.code === "offline") return say.offline;
  if (problem.code === "wrong_code") return say.entry.wrong;
  const own = say.errors[problem.code];
  return (locale === "en" ? problem.detail || own : own || problem.detail) || say.trouble;
}
