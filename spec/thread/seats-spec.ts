import { describe, expect, it } from '@jest/globals';
import { SEATS, Seats } from '../../src/thread/seats.js';

describe('Seats', () => {
  it('should give what is offered to whoever takes it first, from either side', () => {
    const ours = new Seats();
    const theirs = new Seats(ours.shared);
    ours.offer(3, 17);
    ours.offer(4, 18);

    expect([theirs.take(3, 17), ours.take(3, 17)]).toEqual([true, false]);
    expect([ours.take(4, 18), theirs.take(4, 18)]).toEqual([true, false]);
  });

  it('should give nothing that was never offered', () => {
    expect(new Seats().take(0, 1)).toBe(false);
  });

  it('should not give a seat that is somebody else’s by now', () => {
    const seats = new Seats();
    seats.offer(0, 1);
    seats.offer(0, 2);

    expect(seats.take(0, 1)).toBe(false);
    expect(seats.take(0, 2)).toBe(true);
  });

  it('should keep each seat apart, to the last', () => {
    const seats = new Seats();
    for (let seat = 0; seat < SEATS; seat++) seats.offer(seat, seat + 1);

    const taken = Array.from({ length: SEATS }, (_, seat) => seats.take(seat, seat + 1));

    expect(taken).toEqual(Array.from({ length: SEATS }, () => true));
  });

  it('should have a bell that wakes who has not heard it yet', () => {
    const ours = new Seats();
    const theirs = new Seats(ours.shared);
    const heard = theirs.rings;
    expect(theirs.sleep(heard, 1)).toBe(false);
    ours.ring();

    expect(theirs.rings).toBe(heard + 1);
    expect(theirs.sleep(heard, 60_000)).toBe(true);
  });

  it('should keep the bell apart from the seats', () => {
    const seats = new Seats();
    seats.offer(SEATS - 1, 7);
    seats.ring();

    expect(seats.take(SEATS - 1, 7)).toBe(true);
    expect(seats.rings).toBe(1);
  });

  it('should be shared memory, which crosses as it is', () => {
    const { shared } = new Seats();

    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(structuredClone(shared).buffer.byteLength).toBe((SEATS + 1) * 4);
  });
});
