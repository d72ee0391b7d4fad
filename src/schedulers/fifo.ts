/** First in, first out, at a constant cost: an array that is shifted costs as much as there is in it. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    this.#dropTaken();
    return item;
  }

  /** Takes out whatever is like that. */
  drop(isLikeThat: (item: T) => boolean): void {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = items.filter((item) => !isLikeThat(item));
    this.#head = 0;
  }

  #dropTaken(): void {
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= MANY && this.#head * 2 >= this.#items.length) {
      // What is never empty must not pile up what has been taken.
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

const MANY = 4_096;
