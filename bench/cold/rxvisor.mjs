import { lastValueFrom } from 'rxjs';
import { Runner, threaded } from '../../dist/index.js';

const work = threaded(new URL('../workers/work.mjs', import.meta.url));
const runner = new Runner({ threads: { size: 1 } });
void runner.run();
await lastValueFrom(runner.execute(work.noop(42)));
process.send(performance.now(), () => process.exit());
