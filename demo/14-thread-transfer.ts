// What crosses to a thread is copied, unless it's marked by `transfer`: then it's moved, at once however
// large it is, and gone from where it was. That's why such a payload can run only once.
import { lastValueFrom } from 'rxjs';
import { CloneError, Runner, threaded, transfer } from 'rxvisor';

const work = threaded<typeof import('./workers/pixels.js')>(
  new URL('./workers/pixels.ts', import.meta.url),
);

const runner = new Runner();
void runner.run();

// Copied there; what comes back is moved, as the function says.
const copied = new Uint8Array(64 * 2 ** 20);
const negative = await lastValueFrom(runner.execute(work.invert(copied)));
console.log(`copied: ${copied.length} bytes here, ${negative.length} there and back`);

// Moved there and back: at no time are there two of it.
const pixels = new Uint8Array(64 * 2 ** 20);
const payload = work.invert(transfer(pixels, [pixels.buffer]));
const moved = await lastValueFrom(runner.execute(payload));
console.log(`moved: ${pixels.length} bytes here, ${moved.length} there and back`);

try {
  await lastValueFrom(runner.execute(payload));
} catch (error) {
  if (!(error instanceof CloneError)) throw error;
  console.log(error.message.split(':')[0]);
}

await runner.shutdown();

// Output:
// copied: 67108864 bytes here, 67108864 there and back
// moved: 0 bytes here, 67108864 there and back
// task "invert" can't pass its arguments again, which have been moved to a thread, between threads
