import { type Transfer, transfer } from 'rxvisor';

/** Turns white into black. The pixels are this thread's own by now, and go back the way they came. */
export function invert(pixels: Uint8Array<ArrayBuffer>): Transfer<Uint8Array<ArrayBuffer>> {
  for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - (pixels[i] ?? 0);
  return transfer(pixels, [pixels.buffer]);
}
