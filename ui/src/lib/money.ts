import type { Locale } from "./generated/Locale";

/** BCP 47 tags with Latin digits, so that a price on the kiosk reads like the one on its label. */
export const tags: Record<Locale, string> = {
  en: "en-GB",
  hi: "hi-IN-u-nu-latn",
  es: "es-u-nu-latn",
  ar: "ar-u-nu-latn",
};

/** `minor`, in the smallest unit of `currency`, as people write it; whole amounts without a fraction. */
export function money(minor: number, currency: string, locale: Locale): string {
  // Rupees are grouped in lakhs in English, too.
  const tag = locale === "en" && currency === "INR" ? "en-IN" : tags[locale];
  if (!/^[A-Z]{3}$/.test(currency)) return new Intl.NumberFormat(tag).format(minor / 100);
  const options = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  const digits = new Intl.NumberFormat(tag, options).resolvedOptions().maximumFractionDigits ?? 2;
  const unit = 10 ** digits;
  const fraction = minor % unit === 0 ? 0 : digits;
  return new Intl.NumberFormat(tag, {
    ...options,
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
  }).format(minor / unit);
}
