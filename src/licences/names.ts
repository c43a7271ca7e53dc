/**
 * How near two spellings of a name are. A hint for the person who decides, never a decision: names are shortened,
 * turned round, written without their marks, and read wrong by machines.
 */

export interface NameLikeness {
  /** 0 to 100. */
  readonly score: number
  /** A sentence for the reviewer. */
  readonly words: string
}

/** From here on a reviewer need not wonder. */
const SAME = 100
const CLOSE = 80
const DOUBTFUL = 55

/** Letters that are not a plain one with a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i', ŋ: 'n', ħ: 'h' },
}
/** Not part of a name: titles, and what is set behind it. */
const TITLES = new Set(['mr', 'mrs', 'ms', 'miss', 'dr', 'prof', 'sir', 'jr', 'sr', 'ii', 'iii', 'iv'])

/** The parts of a name, in the order written: small plain letters, without marks, titles and dots. */
export function nameParts(name: string): string[] {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{Ll}\p{Lo}]/gu, (char) => LETTERS[char] ?? (/['’`´.]/.test(char) ? '' : ' '))
    .replace(/[ßæœøđðþłıŋħ]/g, (char) => LETTERS[char] ?? char)
  const parts = plain.split(/\s+/).filter((part) => part !== '')
  const named = parts.filter((part) => !TITLES.has(part))
  return named.length > 0 ? named : parts
}

/** Compare the name on a licence with the name of an account. */
export function nameLikeness(onLicence: string, onAccount: string): NameLikeness {
  const [licence, account] = [nameParts(onLicence), nameParts(onAccount)]
  if (licence.length === 0 || account.length === 0) return { score: 0, words: 'There is no name to compare.' }
  if (licence.join(' ') === account.join(' ')) return { score: SAME, words: 'The same name.' }
  if (licence.join('') === account.join(''))
    return { score: SAME, words: 'The same name, parted in another way.' }

  const [short, long] = licence.length <= account.length ? [licence, account] : [account, licence]
  const pairs = bestPairs(short, long)
  const missing = long.filter((_part, at) => !pairs.some((pair) => pair.longAt === at))
  // Summed from the least, so that it rounds the same whichever name was first.
  const likenesses = pairs.map((pair) => pair.likeness).sort((a, b) => a - b)
  const likeness = likenesses.reduce((sum, one) => sum + one, 0) / short.length
  const inOrder = pairs.every((pair, n) => n === 0 || pair.longAt > pairs[n - 1]!.longAt)
  const typos = pairs.filter((pair) => pair.kind === 'typo')
  const initials = pairs.filter((pair) => pair.kind === 'initial')
  const strangers = pairs.filter((pair) => pair.kind === 'other')
  // Few leave out their family name, many a middle one; one of two parts is little to go by.
  const missingCost = short.length === 1 ? 30 : Math.min(15, 7 * missing.length)
  const score = Math.round(
    Math.max(0, likeness * 100 - missingCost - (inOrder ? 0 : 3) - 5 * initials.length),
  )

  if (strangers.length > 0 || score < DOUBTFUL)
    return {
      score: Math.min(score, strangers.length === short.length ? 30 : DOUBTFUL + 14),
      words:
        strangers.length === short.length
          ? 'Another name. Do not approve without asking.'
          : `Only partly the same: check ${list(strangers.map(({ part }) => part))}.`,
    }
  const remarks = [
    ...(missing.length > 0 ? [short.length === 1 ? 'one has a single name' : middleWords(missing)] : []),
    ...(typos.length > 0 ? [`check the spelling of ${list(typos.map(({ part }) => part))}`] : []),
    ...(initials.length > 0 ? ['one has only an initial'] : []),
    ...(inOrder ? [] : ['the order differs']),
  ]
  const verdict = score >= CLOSE ? 'Close' : 'Doubtful'
  return { score, words: `${verdict}: ${remarks.join(', ')}.` }
}

function middleWords(missing: readonly string[]): string {
  return missing.length === 1 ? 'check the middle name' : 'check the middle names'
}

interface Pair {
  readonly part: string
  readonly longAt: number
  readonly likeness: number
  readonly kind: 'same' | 'typo' | 'initial' | 'other'
}

/**
 * Each part of the shorter name with the part of the longer one it fits best, the surest pairs first. Of two that fit as
 * well, the one nearer the beginning: so a part has the same partner whichever name was first.
 */
function bestPairs(short: readonly string[], long: readonly string[]): Pair[] {
  const all = short.flatMap((part, shortAt) =>
    long.map((other, longAt) => ({ shortAt, longAt, part, ...partLikeness(part, other) })),
  )
  all.sort(
    (a, b) =>
      b.likeness - a.likeness ||
      Math.abs(a.shortAt - a.longAt) - Math.abs(b.shortAt - b.longAt) ||
      a.shortAt + a.longAt - (b.shortAt + b.longAt),
  )
  const taken = { short: new Set<number>(), long: new Set<number>() }
  const chosen: (Pair & { shortAt: number })[] = []
  for (const pair of all) {
    if (taken.short.has(pair.shortAt) || taken.long.has(pair.longAt)) continue
    taken.short.add(pair.shortAt)
    taken.long.add(pair.longAt)
    chosen.push(pair)
  }
  return chosen.sort((a, b) => a.shortAt - b.shortAt)
}

/** One wrong letter in four may be a slip of hand or eye. */
const TYPO_SHARE = 0.28

function partLikeness(a: string, b: string): Pick<Pair, 'likeness' | 'kind'> {
  if (a === b) return { likeness: 1, kind: 'same' }
  if ((a.length === 1 || b.length === 1) && a[0] === b[0]) return { likeness: 0.9, kind: 'initial' }
  const longest = Math.max(a.length, b.length)
  const distance = editDistance(a, b)
  const likeness = 1 - distance / longest
  return distance <= Math.max(1, longest * TYPO_SHARE) && longest > 2
    ? { likeness: Math.max(likeness, 0.75), kind: 'typo' }
    : { likeness: likeness * 0.5, kind: 'other' }
}

/** Letters put in, left out, changed or swapped with their neighbour (Damerau, optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]]
  let before: number[] = []
  let last = to.map((_char, n) => n).concat(to.length)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      let best = Math.min(changed, last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[to.length]!
}

function list(parts: readonly string[]): string {
  const shown = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1))
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
