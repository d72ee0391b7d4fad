/** Whatever is in a text, of its control characters only tabs and line ends reach the terminal. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what is to be kept out
  text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');

/** The same for what has to fit a line. */
export const oneLine = (text: string): string => printable(text).replace(/\s*\n\s*/g, ' ');
