import { createRequire } from 'node:module';
import { peek } from '../../show.js';
import { isObservableLike } from '../../task/payload.js';
import { isThreaded } from '../../task/threaded-payload.js';
import type { Module } from './find-module.js';
import type { Exports } from './load-module.js';

/**
 * What a module exports by default.
 *
 * A CommonJS module has but one export. If it was compiled from an ES module that's an object with the
 * real ones; else it may be meant as a default, or hold whatever the module exports besides.
 */
export function defaultOf(module: Module, exports: Exports): unknown {
  const given = exports.default;
  if (!isCommonJs(module, exports)) return given;
  if (peek(given, '__esModule') === true) return peek(given, 'default');
  const isMeant =
    typeof given === 'function' ||
    Array.isArray(given) ||
    isObservableLike(given) ||
    isThreaded(given);
  return isMeant ? given : undefined;
}

const isCommonJs = ({ path }: Module, exports: Exports) =>
  /\.c[jt]s$/.test(path) ||
  'module.exports' in exports ||
  createRequire(path).cache[path] !== undefined;
