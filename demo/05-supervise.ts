// `supervise` is a pipeable operator: it restarts a source that crashes, waiting longer each time, with
// or without a runner. What it cannot mend it hands on, with the reason.
import { type Observable, catchError, concat, defer, of, throwError } from 'rxjs';
import { RestartLimitError, StopRestarting, constant, exponential, supervise } from 'rxvisor';

let dials = 0;
const prices$ = defer(() => {
  console.log(`dialling, attempt ${++dials}`);
  return dials < 3 ? throwError(() => new Error('line busy')) : of(101, 102);
});

const feed$ = prices$.pipe(supervise({ backoff: exponential({ initial: 5 }) }));

// A budget: no more than 3 restarts within a minute.
const unplugged$ = throwError(() => new Error('no dial tone')).pipe(
  supervise({ name: 'unplugged', maxRestarts: 3, within: 60_000, backoff: constant(1) }),
);

// Some failures no restart can mend, and the source may know.
const barred$ = throwError(() => new StopRestarting(new Error('bill not paid'))).pipe(supervise());

function explain(error: unknown): Observable<string> {
  if (!(error instanceof RestartLimitError)) return of(`hopeless: ${String(error)}`);
  return of(`${error.task}: gave up after ${error.restarts} restarts: ${String(error.cause)}`);
}

concat(feed$, unplugged$.pipe(catchError(explain)), barred$.pipe(catchError(explain))).subscribe(
  (line) => console.log(line),
);

// Output:
// dialling, attempt 1
// dialling, attempt 2
// dialling, attempt 3
// 101
// 102
// unplugged: gave up after 3 restarts: Error: no dial tone
// hopeless: Error: bill not paid
