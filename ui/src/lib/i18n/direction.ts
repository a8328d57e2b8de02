import type { Locale } from "../generated/Locale";

/** Each language in its own script. */
export const ownNames: Record<Locale, string> = { en: "English", hi: "हिन्दी", es: "Español", ar: "العربية" };

export const direction = (locale: Locale): "rtl" | "ltr" => (locale === "ar" ? "rtl" : "ltr");
