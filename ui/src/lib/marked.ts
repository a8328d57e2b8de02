export interface Part {
  text: string;
  strong: boolean;
  value: boolean;
  name?: string;
}

/** Splits a sentence into plain words, `**strong**` ones and `{name}`s, which take their text from `values`. */
export function parts(sentence: string, values: Record<string, string>): Part[] {
  return sentence
    .split(/(\*\*[^*]+\*\*|\{\w+\})/)
    .filter((text) => text !== "")
    .map((text) => {
      if (text.startsWith("**")) return { text: text.slice(2, -2), strong: true, value: false };
      const name = /^\{(\w+)\}$/.exec(text)?.[1];
      const value = name === undefined ? undefined : values[name];
      if (name !== undefined && value !== undefined) return { text: value, strong: true, value: true, name };
      return { text, strong: false, value: false };
    });
}
