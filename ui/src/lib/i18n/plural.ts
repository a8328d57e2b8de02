import type { Locale } from "../generated/Locale";
import { tags } from "../money";

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The form for a count, with `#` replaced by the count; `zero`, where given, is used for 0 in every language. */
export function plural(locale: Locale, forms: Forms): (count: number) => string {
  const rules = new Intl.PluralRules(tags[locale]);
  const numbers = new Intl.NumberFormat(tags[locale]);
  return (count) => {
    const form = count === 0 && forms.zero ? forms.zero : (forms[rules.select(count)] ?? forms.other);
    return form.replace("#", numbers.format(count));
  };
}
