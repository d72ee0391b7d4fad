// What everybody's threads run: plain functions and generators. rxvisor, Piscina and tinypool call them as
// they are; the other workers wrap them.

export const noop = (value) => value;

export function* numbers(count) {
  for (let i = 1; i <= count; i++) yield i;
}

export function* objects(count) {
  for (let i = 1; i <= count; i++) yield toObject(i);
}

/** 1 KiB each, all different. */
export function* strings(count) {
  for (let i = 1; i <= count; i++) yield String(i).padStart(1_024, 'x');
}

/** 1 KiB each, all different. */
export function* buffers(count) {
  for (let i = 1; i <= count; i++) yield new Uint8Array(1_024).fill(i);
}

/** The small object that goes there, back, or comes in streams. */
export const toObject = (id) => ({ id, name: `item ${id}`, tags: ['small', 'object'] });

/** Work for the processor that nothing can shorten; about 300 ms of it with 150 million steps. */
export function compute(steps) {
  let state = 1;
  for (let i = 0; i < steps; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
