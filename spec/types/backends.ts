import type { Observable } from 'rxjs';
import type { Job, SubmitOptions, TaskBackend, TransactionClient } from 'rxvisor';
import type { BrokerTaskBackend, DeadLetter } from 'rxvisor/broker';
import type { Equal, Expect } from './support.js';

interface Mail extends Job {
  readonly type: 'mail';
  readonly to: string;
}

declare const backend: BrokerTaskBackend<Mail>;
declare const client: TransactionClient;
const mail: Mail = { type: 'mail', to: 'a' };

// What changing the backend is: one line.
export const anyBackend: TaskBackend<Mail> = backend;
void anyBackend.submit(mail, {
  priority: 1,
  group: 'a',
  deadLetter: 'dead',
  expireIn: 1_000,
  client,
});

// @ts-expect-error a whole word is not milliseconds
void anyBackend.submit(mail, { expireIn: '1 s' });
// @ts-expect-error what has no query is no client
void anyBackend.submit(mail, { client: {} });
// @ts-expect-error there is a recipient to each mail
void backend.submit({ type: 'mail' });

const count$ = backend.execute<number>(mail, { priority: 1 });
const anything$ = backend.execute(mail);
// @ts-expect-error each subscription is a job of its own, so there is no key
backend.execute(mail, { key: 'a' });
// @ts-expect-error nobody could do a job that is not committed
backend.execute(mail, { client });

const letters = backend.deadLetters();

// @ts-expect-error a zone has a name
void backend.schedule('report', '* * * * *', mail, { tz: 1 });

export type Proofs = [
  Expect<Equal<typeof count$, Observable<number>>>,
  Expect<Equal<typeof anything$, Observable<unknown>>>,
  Expect<Equal<Awaited<typeof letters>, DeadLetter<Mail>[]>>,
  Expect<Equal<DeadLetter<Mail>['job'], Mail>>,
  Expect<Equal<DeadLetter['error'], unknown>>,
  Expect<Equal<SubmitOptions['expireIn'], number | undefined>>,
];

// What node-postgres has is one.
interface PgClient {
  query<R = Record<string, unknown>>(config: {
    text: string;
  }): Promise<{ rows: R[]; rowCount: number }>;
  query<R = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: R[]; rowCount: number }>;
}
declare const pg: PgClient;
void anyBackend.submit(mail, { client: pg });
