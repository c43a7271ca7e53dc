/** Which passwords are taken, and in words why another one is not. Asks nobody: the lists of common ones are ours. */
import { type MatchExtended, ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as commonLists } from '@zxcvbn-ts/language-common'
import { dictionary as englishLists } from '@zxcvbn-ts/language-en'
import { LONGEST_PASSWORD } from './passwords.ts'

/** In characters as people count them. */
export const SHORTEST_PASSWORD = 10

/** Whose password it is to be: what others know of them is not a secret. */
export interface AboutPerson {
  readonly name: string
  readonly email: string
  /** Companies whose name they would think of first. */
  readonly companies?: readonly string[]
}

export type PasswordFault = 'too_short' | 'too_long' | 'common' | 'product' | 'own' | 'easy'

export interface PasswordVerdict {
  readonly fault: PasswordFault | null
  /** 0 to 4 for the meter: what is refused has at most 2. */
  readonly score: 0 | 1 | 2 | 3 | 4
  /** One sentence: what is wrong with it and what helps, or that it is good. */
  readonly words: string
}

/** At this many guesses a stolen hash of ours still holds; zxcvbn calls it "safely unguessable". */
const TAKEN_FROM = 3
/** Who leans on a known word has to have enough besides it. */
const TAKEN_WITH_KNOWN_WORDS = 4
/**
 * The estimate's time grows with the length, so it looks at this much of a password from either end. A part can be
 * guessed no harder than the whole, so what passes by its part passes.
 */
const LOOKED_AT = 32
/** Each more doubles the work on a password full of digits and signs that could stand for letters. */
const MOST_SUBSTITUTIONS = 8
const MOST_WORDS = 24
const LONGEST_WORD = 40

const PRODUCT_WORDS = ['honeycab', 'honey cab', 'honey', 'taxi', 'cab', 'driver', 'dispatch', 'rider']

const WORDS: Readonly<Record<PasswordFault, string>> = {
  too_short: `Use at least ${SHORTEST_PASSWORD} characters. Three or four words that do not belong together are easy to keep in mind.`,
  too_long: `Use at most ${LONGEST_PASSWORD} characters.`,
  common: 'This is one of the passwords that are tried first. Choose another one.',
  product: 'This is built on our name or the company’s, which is what others try first. Choose other words.',
  own: 'This is built on your name or e-mail address, which others know. Choose other words.',
  easy: 'This can be guessed too quickly. Add a word or two that do not belong together.',
}

let made: ZxcvbnFactory | null = null

/** Reading the lists takes a moment (0.15 s), so it is done once; call it before the first person waits. */
export function loadPasswordLists(): ZxcvbnFactory {
  made ??= new ZxcvbnFactory({
    dictionary: { ...commonLists, ...englishLists },
    graphs: adjacencyGraphs,
    // Comparing with every word of the lists would take 50 ms a password on the loop that matches rides.
    useLevenshteinDistance: false,
    l33tMaxSubstitutions: MOST_SUBSTITUTIONS,
    maxLength: LOOKED_AT,
  })
  return made
}

/** Judge a password: bounded work, whatever is typed. */
export function judgePassword(password: string, about: AboutPerson): PasswordVerdict {
  // The length comes first: nothing below is asked about text that could be of any size.
  if (password.length > LONGEST_PASSWORD) return { fault: 'too_long', score: 0, words: WORDS.too_long }
  const product = words([...PRODUCT_WORDS, ...(about.companies ?? [])])
  const own = words([about.name, about.email, ...about.email.split('@')])
  const found = [...new Set([password.slice(0, LOOKED_AT), password.slice(-LOOKED_AT)])]
    .map((part) => loadPasswordLists().check(part, [...product, ...own]))
    .reduce((best, next) => (next.guesses > best.guesses ? next : best))
  if ([...password].length < SHORTEST_PASSWORD)
    return { fault: 'too_short', score: found.score === 0 ? 0 : 1, words: WORDS.too_short }
  const given = givenFault(found.sequence, product)
  if (found.score >= (given === null ? TAKEN_FROM : TAKEN_WITH_KNOWN_WORDS))
    return { fault: null, score: found.score, words: praise(found.score) }
  const fault = given ?? (listed(found.sequence) ? 'common' : 'easy')
  return { fault, score: Math.min(found.score, 2) as 0 | 1 | 2, words: WORDS[fault] }
}

function praise(score: number): string {
  return score === 4 ? 'Strong. Nobody guesses this one.' : 'Good. One more word would make it strong.'
}

/** Whether it leans on a word that others know of this person or of us. */
function givenFault(
  sequence: readonly MatchExtended[],
  product: readonly string[],
): 'product' | 'own' | null {
  const given = sequence.filter((match) => match.dictionaryName === 'userInputs')
  if (given.length === 0) return null
  return given.some((match) => product.includes(match.matchedWord)) ? 'product' : 'own'
}

/** Whether a list of leaked passwords has a part of it. */
function listed(sequence: readonly MatchExtended[]): boolean {
  return sequence.some((match) => String(match.dictionaryName).startsWith('passwords'))
}

/** Texts as they are, without their spaces and signs, and cut into their words; a bounded number of bounded ones. */
function words(texts: readonly string[]): string[] {
  const all = texts.flatMap((text) => {
    const lower = text.toLowerCase()
    const parts = lower.split(/[^\p{L}\p{N}]+/u)
    return [lower, parts.join(''), ...parts]
  })
  const fit = all.filter((word) => word.length >= 3 && word.length <= LONGEST_WORD)
  return [...new Set(fit)].slice(0, MOST_WORDS)
}
