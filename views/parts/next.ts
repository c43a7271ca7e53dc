/** A path with the page to go on to afterwards; `next` is a path of ours, or empty. */
export function withNext(path: string, next: string): string {
  return next === '' ? path : `${path}?next=${encodeURIComponent(next)}`
}
