/**
 * Has the warnings of Node and of packages said by somebody else than Node, which writes them as text.
 * Where it was told to write none, none are said.
 */
export function takeWarnings(say: (text: string) => void): void {
  const own = process.listeners('warning').find(({ name }) => name === 'onWarning');
  if (!own) return;
  process.off('warning', own);
  process.on('warning', ({ name, message }) => {
    say(`${name}: ${message}`);
  });
}
