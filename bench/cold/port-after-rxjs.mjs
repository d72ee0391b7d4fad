// What is left to win for anything that stands on RxJS, which is loaded before a thread is asked for.

import 'rxjs';

await import('./port.mjs');
