import type { Attachment } from "svelte/attachments";

/** Opens a dialog above everything but a notice for as long as it is on the page. */
export const modal: Attachment<HTMLDialogElement> = (dialog) => {
  dialog.showModal();
  for (const notice of document.querySelectorAll<HTMLElement>(":popover-open")) {
    // What comes last lies on top.
    notice.hidePopover();
    notice.showPopover();
  }
  return () => dialog.close();
};
