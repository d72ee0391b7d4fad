// Apart from `work.mjs`, so that only who moves values loads rxvisor in the thread.

import { transfer } from '../../dist/index.js';

export const move = (buffer) => transfer(buffer, [buffer]);
