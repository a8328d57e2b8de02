import type { Intent } from "./generated/Intent";
import type { View } from "./generated/View";

/** What the pages need from the program around them. */
export interface Shell {
  /** Calls `onView` with the present view and with every later one. */
  watch(onView: (view: View) => void): void;
  /** Tells the program that the view of this number is on the glass. */
  drawn(number: number): void;
  /** Sends what a person wants. */
  intend(intent: Intent): void;
  /** Where the page finds the picture that the server keeps under `path`. */
  picture(path: string): string;
}
