import { DuplicateNameError } from '../errors.js';

/** The living, by name, in the order of their coming. */
export class Registry<L extends { readonly name: string }> {
  readonly #lives = new Map<string, L>();
  /** For each name that was wanted more than once: the last number given, and how many numbered ones live. */
  readonly #numbered = new Map<string, { last: number; living: number }>();

  get size(): number {
    return this.#lives.size;
  }

  get(name: string): L | undefined {
    return this.#lives.get(name);
  }

  [Symbol.iterator](): IterableIterator<L> {
    return this.#lives.values();
  }

  add(life: L): void {
    this.#lives.set(life.name, life);
  }

  delete({ name }: L): void {
    this.#lives.delete(name);
    if (this.#numbered.size > 0) this.#release(name);
  }

  /** @throws {@link DuplicateNameError} */
  claim(name: string): string {
    if (this.#lives.has(name)) throw new DuplicateNameError(name);
    return name;
  }

  /** The name itself, or with `#2`, `#3`… when somebody living has it. */
  makeUnique(name: string): string {
    if (!this.#lives.has(name)) return name;
    const numbers = this.#numbered.get(name) ?? { last: 1, living: 0 };
    this.#numbered.set(name, numbers);
    numbers.living++;
    let unique: string;
    do unique = `${name}#${++numbers.last}`;
    while (this.#lives.has(unique));
    return unique;
  }

  #release(name: string): void {
    const base = name.slice(0, name.lastIndexOf('#'));
    const numbers = this.#numbered.get(base);
    if (numbers && --numbers.living === 0) this.#numbered.delete(base);
  }
}
