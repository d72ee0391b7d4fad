/**
 * Something that there's one of for all copies of this package in a thread: two may be loaded, from two
 * paths, and have to know of each other.
 */
export function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(`rxvisor.${name}`);
  const found = Object.getOwnPropertyDescriptor(globalThis, key);
  if (found) return found.value as T;
  const value = make();
  Object.defineProperty(globalThis, key, { value });
  return value;
}
