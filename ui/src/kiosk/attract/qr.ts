/** Modules that must stay white on each side of a QR code (ISO/IEC 18004). */
export const QUIET_ZONE = 4;

/**
 * Side of the whole code in CSS px, such that one module is a whole number of device pixels and the side stays within
 * `room` (but never below two device pixels a module, which no camera would read).
 */
export function qrSide(modules: number, room: number, pixelRatio: number): number {
  const all = modules + 2 * QUIET_ZONE;
  const pixels = Math.max(2, Math.floor((room * pixelRatio) / all));
  return (pixels * all) / pixelRatio;
}
