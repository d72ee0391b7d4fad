/** From how many characters or bytes on it's much. */
const MUCH = 65_536;

/** Whether copying a thing is work: a long text, or many bytes. What is further down in it isn't looked for. */
export const isBulky = (value: unknown): boolean => {
  if (typeof value === 'string') return value.length >= MUCH;
  const { byteLength = 0 } = (value ?? {}) as Partial<ArrayBuffer>;
  return byteLength >= MUCH;
};
