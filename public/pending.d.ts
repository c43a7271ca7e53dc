/** Shows that a part of the page waits, from 300 ms on, until the answer's function is called. */
declare var HoneycabPending: ((part: Element | null) => () => void) | undefined
