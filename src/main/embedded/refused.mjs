import { relative } from 'node:path';

/** What went wrong and how to mend it, in words for a person; it is printed without a stack trace. */
export class Refused extends Error {}

const FILES = {
  EACCES: (path) => `${shown(path)} may not be written by you; make it and all in it yours`,
  EPERM: (path) => `${shown(path)} may not be written by you; make it and all in it yours`,
  EROFS: (path) => `${shown(path)} is on a disk that can only be read; work in a copy elsewhere`,
  ENOSPC: (path) => `the disk of ${shown(path)} is full; free some space (about 100 MB)`,
  ENOTDIR: (path) => `${shown(path)} needs to be a folder, and is a file, or is in one; move that away`,
  EEXIST: (path) => `${shown(path)} needs to be a folder, and is a file; move that away`,
};

/**
 * The refusal of a path that cannot be written.
 *
 * @param code the system's error code
 * @returns the refusal, or undefined if the code is none of those
 */
export function refusedPath(code, path) {
  return FILES[code] && new Refused(`${FILES[code](path)}, then run it again`);
}

/** A path as a person who stands in the project's folder would type it. */
export function shown(path) {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
