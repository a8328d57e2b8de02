import type { Locale } from "../../generated/Locale";
import { en, type PhoneMessages } from "./en";

/** English is in the page; a phone fetches at most one language more. */
const others: Record<Exclude<Locale, "en">, () => Promise<PhoneMessages>> = {
  hi: async () => (await import("./hi")).hi,
  es: async () => (await import("./es")).es,
  ar: async () => (await import("./ar")).ar,
};

const isLocale = (text: string): text is Locale => text === "en" || text in others;

/** The first of the phone's own languages that the page speaks. */
export function phoneLocale(languages: readonly string[]): Locale {
  return languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLocale) ?? "en";
}

class Language {
  locale = $state<Locale>("en");
  say = $state.raw<PhoneMessages>(en);
  #wanted: Locale = "en";

  /** Changes the page's language once its sentences are here; until then, and without the network, it stays as it is. */
  async speak(locale: Locale): Promise<void> {
    this.#wanted = locale;
    const say = locale === "en" ? en : await others[locale]().catch(() => undefined);
    if (!say || this.#wanted !== locale) return;
    this.locale = locale;
    this.say = say;
  }
}

export const language = new Language();
