import workerpool from 'workerpool';
import { compute, noop } from './work.mjs';

workerpool.worker({
  noop,
  compute,
  move: (buffer) => new workerpool.Transfer(buffer, [buffer]),
});
