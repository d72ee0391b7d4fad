/** What comes of something, if that's soon enough; in ms. */
export async function within<T>(time: number, awaited: Promise<T>, what = 'it'): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} took longer than ${time} ms`));
    }, time);
  });
  return Promise.race([awaited, late]).finally(() => {
    clearTimeout(timer);
  });
}
