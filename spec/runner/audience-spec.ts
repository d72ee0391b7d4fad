import { describe, expect, it } from '@jest/globals';
import { Observable } from 'rxjs';
import { Audience } from '../../src/runner/audience.js';
import { bare, surfacing } from './support.js';

const BOOM = new Error('boom');

/** An audience, and the stream that those who subscribe listen to. */
function make() {
  const audience = new Audience<number>();
  return { audience, stream$: new Observable<number>((subscriber) => audience.join(subscriber)) };
}

/** Writes down what a subscriber gets, and then does something. */
function listen(stream$: Observable<number>, then: () => void = () => undefined) {
  const heard: unknown[] = [];
  const hear = (what: unknown) => {
    heard.push(what);
    then();
  };
  const subscription = stream$.subscribe({
    next: hear,
    error: (error: unknown) => {
      hear({ error });
    },
    complete: () => {
      hear('complete');
    },
  });
  return { heard, subscription };
}

describe('Audience', () => {
  it('should say whether anybody listens', () => {
    const { audience, stream$ } = make();
    expect(audience.observed).toBe(false);
    const { subscription } = listen(stream$);
    expect(audience.observed).toBe(true);
    subscription.unsubscribe();
    expect(audience.observed).toBe(false);
    listen(stream$);
    audience.complete();
    expect(audience.observed).toBe(false);
  });

  it('should tell everybody who listens at that moment, in the order of coming', () => {
    const { audience, stream$ } = make();
    audience.next(0);
    const one = listen(stream$);
    audience.next(1);
    const other = listen(stream$);
    audience.next(2);
    one.subscription.unsubscribe();
    audience.next(3);
    expect([one.heard, other.heard]).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('should begin for who comes during a delivery with the next one, and end at once for who leaves', () => {
    const { audience, stream$ } = make();
    const late: unknown[][] = [];
    listen(stream$, () => {
      late.push(listen(stream$).heard);
      leaving.subscription.unsubscribe();
    });
    const leaving = listen(stream$);
    audience.next(1);
    audience.next(2);
    expect(late).toEqual([[2], []]);
    expect(leaving.heard).toEqual([]);
  });

  it.each<[string, (audience: Audience<number>) => void, unknown]>([
    ['completion', (audience) => audience.complete(), 'complete'],
    ['error', (audience) => audience.error(BOOM), { error: BOOM }],
    ['error that is undefined', (audience) => audience.error(undefined), { error: undefined }],
  ])(
    'should end once, with a %s, for those who listen and for who comes late',
    (_how, end, last) => {
      const { audience, stream$ } = make();
      const early = listen(stream$);
      end(audience);
      audience.next(1);
      audience.complete();
      audience.error(new Error('again'));
      const late = listen(stream$);
      expect([early.heard, late.heard]).toEqual([[last], [last]]);
    },
  );

  it('should tell the others when one throws that RxJS does not fence, and let its errors surface', async () => {
    const { audience, stream$ } = make();
    const heard: unknown[][] = [];
    const errors = await surfacing(() => {
      heard.push(listen(stream$).heard);
      stream$.subscribe(bare());
      heard.push(listen(stream$).heard);
      audience.next(1);
      audience.complete();
    });
    expect(heard).toEqual([
      [1, 'complete'],
      [1, 'complete'],
    ]);
    expect(errors).toEqual([new Error('next 1'), new Error('complete')]);
  });
});
