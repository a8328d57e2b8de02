type Field = HTMLInputElement | HTMLTextAreaElement;

/** Writes `piece` where the caret is, unless the field would hold more than `longest` letters. */
export function write(field: Field, piece: string, longest: number): void {
  if (field.value.length + piece.length > longest) return;
  field.setRangeText(piece, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
}

/** Erases what is selected, or the letter before the caret. */
export function erase(field: Field): void {
  const start = field.selectionStart ?? 0;
  const end = field.selectionEnd ?? 0;
  if (start === end && start > 0) {
    const before = [...field.value.slice(0, start)];
    field.setRangeText("", start - (before.at(-1)?.length ?? 1), start, "end");
  } else field.setRangeText("", start, end, "end");
}
