import { Observable } from 'threads/observable';
import { Transfer, expose } from 'threads/worker';
import { buffers, compute, noop, numbers, objects, strings } from './work.mjs';

const stream = (generate) => (count) =>
  new Observable((observer) => {
    for (const value of generate(count)) observer.next(value);
    observer.complete();
  });

expose({
  noop,
  compute,
  move: (buffer) => Transfer(buffer, [buffer]),
  numbers: stream(numbers),
  objects: stream(objects),
  strings: stream(strings),
  buffers: stream(buffers),
});
