/** The terms of the desk's rescue queue. Pure. */

/** So many drivers said no, or nothing: the desk is asked to help. */
export const RESCUE_AFTER_MISSES = 5

/** For how long the desk may put a ride off. */
export const PUT_OFF_MINUTES = [5, 10, 20, 30] as const
export type PutOffMinutes = (typeof PUT_OFF_MINUTES)[number]
