import { Runner } from '../runner/runner.js';
import { shared } from '../shared.js';

/**
 * The default runner of the process, whose services are if no other is named. Like any runner it does
 * nothing before somebody calls `run()`, and there's one, however many copies of this package are loaded.
 */
export const runtime: Runner = shared('runtime', () => new Runner());
