import type { Attachment } from "svelte/attachments";
import standIn from "./no-picture.svg";

/** Products' pictures: one that cannot be had gives way to a quiet drawing, and is asked for again when the server is back. */
export class Pictures {
  readonly #missing = new Map<HTMLImageElement, string>();
  readonly #standIn = new URL(standIn, document.baseURI).href;

  /** Watches over a picture for as long as it is on the page. */
  readonly kept: Attachment<HTMLImageElement> = (image) => {
    const missing = () => {
      if (image.src === this.#standIn) return;
      this.#missing.set(image, image.src);
      image.src = this.#standIn;
    };
    image.addEventListener("error", missing);
    return () => {
      image.removeEventListener("error", missing);
      this.#missing.delete(image);
    };
  };

  /** The server is in reach again. */
  tryAgain(): void {
    for (const [image, wanted] of this.#missing) {
      this.#missing.delete(image);
      // Another product's picture may have come into its place.
      if (image.src === this.#standIn) image.src = wanted;
    }
  }
}
