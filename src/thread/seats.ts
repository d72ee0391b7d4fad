/**
 * Whose turn it is on a thread, in shared memory, so that both sides can tell though the other one is
 * busy. A payload that waits on a thread ahead of time has its id in its seat; whoever exchanges that
 * first has it: the thread, to enter it, or the main thread, to give it to another one.
 *
 * Beside them is the bell: it wakes a thread that sleeps at the desk, see `Linger`.
 */
export class Seats {
  readonly shared: Int32Array;

  constructor(shared: Int32Array = new Int32Array(new SharedArrayBuffer((SEATS + 1) * 4))) {
    this.shared = shared;
  }

  /** Offers a payload to the thread. */
  offer(seat: number, id: number): void {
    Atomics.store(this.shared, seat, id);
  }

  /** Takes it; false when the other side has taken it already, or the seat is somebody else's by now. */
  take(seat: number, id: number): boolean {
    return Atomics.compareExchange(this.shared, seat, id, TAKEN) === id;
  }

  /** How often it has been rung for the thread. */
  get rings(): number {
    return Atomics.load(this.shared, BELL);
  }

  /** Tells the thread that there's a message for it. */
  ring(): void {
    Atomics.add(this.shared, BELL, 1);
    Atomics.notify(this.shared, BELL);
  }

  /** Sleeps until it rings, or has rung more often than `heard`, or for so many ms: then it's false. */
  sleep(heard: number, ms: number): boolean {
    return Atomics.wait(this.shared, BELL, heard, ms) !== 'timed-out';
  }
}

/** How many payloads may be on one thread, running or ahead of time. */
export const SEATS = 1_024;
const TAKEN = 0;
const BELL = SEATS;
