/** Which letters of a name were asked for. */
import { words } from './normalise.ts'

/** Where the question's words stand in a name, for bold letters: `[start, end)` in UTF-16 units, in order. */
export function matchRanges(name: string, question: string): [number, number][] {
  const asked = words(question).filter((word) => word.folded !== '')
  const ranges: [number, number][] = []
  for (const { start, end, plain, folded } of words(name)) {
    if (folded === '') continue
    const isWhole = asked.some((word) => word.folded === folded)
    const begun = asked.filter((word) => folded.startsWith(word.folded) || plain.startsWith(word.plain))
    if (isWhole) ranges.push([start, end])
    else if (begun.length > 0) {
      const longest = Math.max(...begun.map((word) => word.plain.length))
      ranges.push([start, Math.min(end, start + longest)])
    }
  }
  return ranges
}
