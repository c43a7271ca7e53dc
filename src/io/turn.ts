/** The end of the event loop's turn: when all that came in together has been handled. */

/** Call `work` once, after what is being handled now and whatever came in with it. */
export function afterThisTurn(work: () => void): void {
  setImmediate(work)
}
