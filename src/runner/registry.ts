import { DuplicateNameError } from '../errors.js';

/** What a registry keeps: a name in two parts, and the neighbours in the order of coming. */
export interface Registered {
  /** The name as it was wanted. */
  readonly wanted: string;
  /** 1, or the number that makes the name unique: `wanted#2`, `wanted#3`… */
  readonly number: number;
  previous: Registered | undefined;
  next: Registered | undefined;
}

/** Puts the two parts together. */
export const toName = ({ wanted, number }: Pick<Registered, 'wanted' | 'number'>): string =>
  number === 1 ? wanted : `${wanted}#${number}`;

/**
 * The living, by name, in the order of their coming.
 *
 * There may be a hundred thousand of them, most without a name of their own, that come and go within a
 * microsecond. So they are a linked list (no rehashing, no entry apiece), and the name of a namesake is
 * a number until somebody reads it.
 */
export class Registry<L extends Registered> {
  readonly #names = new Map<string, L | Namesakes<L>>();
  /** How many living names have been given that look as if they had been numbered here. */
  #lookalikes = 0;
  #first: L | undefined;
  #last: L | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Only numbered namesakes are looked for one by one. */
  get(name: string): L | undefined {
    const known = this.#names.get(name);
    const bare = known instanceof Namesakes ? known.bare : known;
    if (bare || !LOOKALIKE.test(name)) return bare;
    for (const life of this) if (life.number > 1 && toName(life) === name) return life;
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<L> {
    for (let life = this.#first; life; life = life.next as L | undefined) yield life;
  }

  /** @throws {@link DuplicateNameError} when somebody living has this name. */
  claim(name: string): 1 {
    if (this.get(name)) throw new DuplicateNameError(name);
    return 1;
  }

  /** The number that makes a name unique. */
  number(name: string): number {
    const known = this.#names.get(name);
    if (!known) return this.#free(name, 1);
    if (!(known instanceof Namesakes)) return this.#free(name, 2);
    return this.#free(name, known.bare ? known.last + 1 : 1);
  }

  add(life: L): void {
    const { wanted, number } = life;
    const known = this.#names.get(wanted);
    if (!known && number === 1) this.#names.set(wanted, life);
    else this.#crowd(wanted, known).add(life);
    if (number === 1 && LOOKALIKE.test(wanted)) this.#lookalikes++;
    this.#size++;
    life.previous = this.#last;
    if (this.#last) this.#last.next = life;
    else this.#first = life;
    this.#last = life;
  }

  delete(life: L): void {
    const { wanted, number, previous, next } = life;
    const known = this.#names.get(wanted);
    if (!(known instanceof Namesakes) || known.delete(life)) this.#names.delete(wanted);
    if (number === 1 && LOOKALIKE.test(wanted)) this.#lookalikes--;
    this.#size--;
    if (previous) previous.next = next;
    else this.#first = next as L | undefined;
    if (next) next.previous = previous;
    else this.#last = previous as L | undefined;
    life.previous = life.next = undefined;
  }

  #crowd(wanted: string, known: L | Namesakes<L> | undefined): Namesakes<L> {
    if (known instanceof Namesakes) return known;
    const namesakes = new Namesakes<L>();
    if (known) namesakes.add(known);
    this.#names.set(wanted, namesakes);
    return namesakes;
  }

  /** Numbers are not used again while a namesake lives, so only a name that looks numbered can be in the way. */
  #free(wanted: string, number: number): number {
    if (this.#lookalikes === 0 && (number > 1 || !LOOKALIKE.test(wanted))) return number;
    let free = number;
    while (this.get(toName({ wanted, number: free }))) free++;
    return free;
  }
}

/** Several of the living that wanted the same name. */
class Namesakes<L extends Registered> {
  /** The one that got the name as it is. */
  bare: L | undefined;
  /** The last number given. */
  last = 1;
  #living = 0;

  add(life: L): void {
    this.#living++;
    this.last = Math.max(this.last, life.number);
    if (life.number === 1) this.bare = life;
  }

  /** Whether nobody is left. */
  delete(life: L): boolean {
    if (this.bare === life) this.bare = undefined;
    return --this.#living === 0;
  }
}

const LOOKALIKE = /#\d+$/;
