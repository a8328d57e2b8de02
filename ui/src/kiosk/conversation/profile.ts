import type { ProfileField } from "../../lib/generated/ProfileField";
import type { ProfileFieldView } from "../../lib/generated/ProfileFieldView";

/** What a field may be set to by touch. Shoes are in continental sizes. */
const choices: Record<ProfileField, readonly string[]> = {
  clothing_size: ["XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL"],
  shoe_size: ["35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48"],
  fit: ["slim", "regular", "relaxed"],
};

/** The choices of a field; whatever else it says already is one of them. */
export function choicesOf({ field, value, dispute }: ProfileFieldView): string[] {
  const known = choices[field];
  const said = [value, dispute?.here].filter((text): text is string => !!text && !known.includes(text));
  return [...known, ...new Set(said)];
}
