import type { Attachment } from "svelte/attachments";

/** Opens a dialog above everything for as long as it is on the page. */
export const modal: Attachment<HTMLDialogElement> = (dialog) => {
  dialog.showModal();
  return () => dialog.close();
};
