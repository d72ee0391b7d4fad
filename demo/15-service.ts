// A class as a service: an instance is adopted by itself as soon as it's made, and its `run` is called
// once per attempt. No registry, no start-up code: `new`, and the runtime looks after the rest.
import { once } from 'node:events';
import { type TaskContext, constant, runtime, service } from 'rxvisor';

@service({ restart: 'on-failure', backoff: constant(100) })
class Sensor {
  readonly place: string;
  constructor(place: string) {
    this.place = place;
  }

  async run({ name, attempt, signal, onTeardown }: TaskContext): Promise<void> {
    onTeardown(() => console.log(`${name} in the ${this.place}: closed`));
    if (this.read(attempt) > 100) throw new RangeError('that is not Celsius');
    console.log(`${name} in the ${this.place}: ${this.read(attempt)} °C`);
    await once(signal, 'abort');
  }

  /** A reading: the first one is nonsense. */
  protected read(attempt: number): number {
    return attempt === 1 ? 451 : 21;
  }
}

// Subclasses are services, too, adopted when all constructors have finished: with the same options, or
// with those of a decorator of their own.
class Fridge extends Sensor {
  constructor() {
    super('kitchen');
  }
  protected override read(attempt: number): number {
    return super.read(attempt + 1) - 15;
  }
}

new Fridge();
new Sensor('hall');
new Sensor('attic');

runtime.events$.subscribe((event) => {
  if (event.type === 'restart') console.log(`${event.task} restarts`);
  const isLast = event.type === 'start' && event.task === 'Sensor#2' && event.attempt === 2;
  if (isLast) setImmediate(() => void runtime.shutdown('seen enough'));
});
const { counts } = await runtime.run({ signals: true });
console.log(counts);

// Output:
// Fridge in the kitchen: 6 °C
// Sensor in the hall: closed
// Sensor restarts
// Sensor#2 in the attic: closed
// Sensor#2 restarts
// Sensor in the hall: 21 °C
// Sensor#2 in the attic: 21 °C
// Fridge in the kitchen: closed
// Sensor in the hall: closed
// Sensor#2 in the attic: closed
// { completed: 0, stopped: 3, failed: 0 }
