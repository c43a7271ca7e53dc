/** What a car can have beside its class and its seats, and a rider can need: one bit each, as the fleet index takes them. */

/** In the order of their bits, which never changes: rows keep them. */
export const ATTRIBUTES = ['child_seat', 'wheelchair', 'pets'] as const
export type Attribute = (typeof ATTRIBUTES)[number]

/** The bits of some attributes, doubles counted once; 0 for none. */
export function attributeBits(names: Iterable<Attribute>): number {
  let bits = 0
  for (const name of names) bits |= 1 << ATTRIBUTES.indexOf(name)
  return bits
}

/** The attributes whose bits are set, in order; bits that nobody named yet say nothing. */
export function attributesIn(bits: number): Attribute[] {
  return ATTRIBUTES.filter((_, n) => (bits & (1 << n)) !== 0)
}

/** Whether a car that has `offered` is one for somebody who needs `needed`. */
export function hasAttributes(offered: number, needed: number): boolean {
  return (offered & needed) === needed
}
