// A service in a thread: `new` makes an instance here, and another one there, with the same arguments.
// That one runs, and hears `signal`, like any payload in a thread. Restarted, it's made anew.
import { filter, firstValueFrom } from 'rxjs';
import { runtime } from 'rxvisor';
import { Hasher } from './workers/hasher.js'; // which a thread loads, too: it does nothing else

const said = new Int32Array(new SharedArrayBuffer(12));
const [thread, hashes, closed] = [0, 1, 2];

const hasher = new Hasher(100_000, said);
const running = runtime.run({ signals: true });
const { task, flavour } = await firstValueFrom(
  runtime.events$.pipe(filter((event) => event.type === 'ready')),
);
console.log(`${task} is ready, as a ${flavour}`);
console.log(Atomics.load(said, thread) === hasher.thread ? 'here' : 'there');

// The main thread is free meanwhile.
let ticks = 0;
const clock = setInterval(() => {
  ticks++;
  if (Atomics.load(said, hashes) < 5) return;
  clearInterval(clock);
  void runtime.shutdown('hashed enough');
}, 1);

const { reason, counts } = await running;
console.log(ticks > 5 ? 'the clock ticked' : 'the clock stood still');
console.log(Atomics.load(said, closed) === 1 ? 'closed there' : 'left open');
console.log(reason.message, counts);

// Output:
// Hasher is ready, as a thread
// there
// the clock ticked
// closed there
// hashed enough { completed: 0, stopped: 1, failed: 0 }
