import type { Locale } from "../../generated/Locale";
import { ar } from "./ar";
import { en, type KioskMessages } from "./en";
import { es } from "./es";
import { hi } from "./hi";

export const messages: Record<Locale, KioskMessages> = { en, hi, es, ar };

/** The language of the screen. Reading `say` in a template follows every change of it. */
class Language {
  locale = $state<Locale>("en");

  get say(): KioskMessages {
    return messages[this.locale];
  }
}

export const language = new Language();
