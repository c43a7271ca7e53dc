/** Which of the desk's commands some words mean: pure, so that it is tested by itself. */
;(() => {
  /**
   * @typedef {object} BoardCommand
   * @property {string} id
   * @property {string} words
   * @property {string} [also]
   * @property {string[]} [keys]
   * @property {'driver' | 'ride' | 'number' | 'words'} [takes]
   * @property {string} [press]
   * @property {true} [own]
   *
   * @typedef {{ command: BoardCommand, noun: string, score: number }} Match
   */

  /** What may stand behind the verb, by what the command takes. @type {Record<string, RegExp>} */
  const NOUNS = {
    driver: /^[\p{L}\p{N}-]{1,12}$/u,
    ride: /^(hc-?)?\d{1,12}$/i,
    number: /^\d{1,4}$/,
    words: /./,
  }
  /** Words between verb and noun that mean nothing: "assign to call sign 204". */
  const FILLERS = new Set(['to', 'the', 'call', 'sign', 'car', 'driver', 'ride', 'by', 'for'])

  /**
   * Commands that the words begin, the best first; with equal right, in the order of the table. The words behind the
   * verb are its noun, where it takes one.
   * @param {readonly BoardCommand[]} commands
   * @param {string} query
   * @returns {Match[]}
   */
  function match(commands, query) {
    const typed = query.toLowerCase().split(/\s+/).filter(Boolean)
    if (typed.length === 0) return []
    const matches = commands.flatMap((command) => {
      const found = fits(command, typed, query)
      return found === null ? [] : [found]
    })
    return matches
      .map((found, n) => ({ found, n }))
      .sort((a, b) => b.found.score - a.found.score || a.n - b.n)
      .map(({ found }) => found)
  }

  /** @param {string[]} words @param {string} part @param {Set<number>} used */
  function find(words, part, used) {
    return words.findIndex((word, n) => word !== '' && word.startsWith(part) && !used.has(n))
  }

  /**
   * @param {BoardCommand} command
   * @param {string[]} typed
   * @param {string} query
   * @returns {Match | null}
   */
  function fits(command, typed, query) {
    if (typed.length === 1 && command.keys?.some((key) => key.toLowerCase() === typed[0]))
      return { command, noun: '', score: 50 }
    const own = command.words.toLowerCase().split(/[^\p{L}\p{N}]+/u)
    const words = [...own, ...(command.also ?? '').toLowerCase().split(' ')]
    let score = 0
    let taken = 0
    /** Places of the words that were typed already. @type {Set<number>} */
    const used = new Set()
    const raw = query.trim().split(/\s+/)
    /** What is no word of the command. @type {string[]} */
    const left = []
    for (const [n, part] of typed.entries()) {
      const at = left.length > 0 && command.takes === 'words' ? -1 : find(words, part, used)
      if (at >= 0) {
        used.add(at)
        const isOwn = at < own.length
        score += (isOwn ? 4 : 2) + (words[at] === part ? 3 : 0) + (at === 0 ? 4 : 0)
        taken++
      } else if (left.length > 0 || !FILLERS.has(part)) left.push(String(raw[n]))
    }
    if (taken === 0) return null
    // What nobody asked for makes a command a worse guess.
    score -= Math.max(0, own.length - used.size) / 10
    if (left.length === 0) return { command, noun: '', score }
    if (command.takes === undefined) return null
    const noun = left.join(' ')
    return NOUNS[command.takes]?.test(noun) ? { command, noun, score: score + 6 } : null
  }

  Object.assign(globalThis, { HoneycabCommands: { match } })
})()
