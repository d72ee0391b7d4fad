// The least that a thread needs: a port, and nothing for errors, cancelling or backpressure.

import { workerData } from 'node:worker_threads';
import * as work from './work.mjs';

const { port, batch } = workerData;

port.onmessage = ({ data: { calls, moved, id, stream, count } }) => {
  if (calls) answer(calls);
  else if (moved) port.postMessage({ results: [id, moved] }, [moved]);
  else post(work[stream](count));
};

/** As many results in one message as there are calls. @param calls id, name, argument, id, name… */
function answer(calls) {
  const results = [];
  for (let i = 0; i < calls.length; i += 3)
    results.push(calls[i], work[calls[i + 1]](calls[i + 2]));
  port.postMessage({ results });
}

function post(values) {
  let portion = [];
  for (const value of values) {
    if (portion.push(value) < batch) continue;
    port.postMessage({ values: portion });
    portion = [];
  }
  port.postMessage({ values: portion, end: true });
}
