/**
 * Whether a change of what is loaded from there is one to restart for: dependencies don't change
 * while one works, and this package is at work.
 *
 * @param own  Files below this URL are of this package.
 */
export const isWatched = (url: string, own: string): boolean =>
  url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(own);
