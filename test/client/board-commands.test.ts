/** What some words at the desk mean: the best command first, with what it is about. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/board-commands.js'
import { COMMAND_GROUPS, COMMANDS, type Command } from '../../views/board/commands.ts'
import { TAKES } from '../../views/board/help.ts'

const { match } = globalThis.HoneycabCommands
const commands = COMMANDS as Parameters<typeof match>[0]
const first = (query: string) => {
  const [best] = match(commands, query)
  return best === undefined ? null : [best.command.id, best.noun]
}

test.each([
  ['assign 204', ['assign', '204']],
  ['as 204', ['assign', '204']],
  ['assign to call sign 204', ['assign', '204']],
  ['give driver B-7', ['assign', 'B-7']],
  ['unassign', ['release', '']],
  ['call sign 163 force offline', ['offline', '163']],
  ['force offline 163', ['offline', '163']],
  ['driver 163', ['driver', '163']],
  ['cancel', ['cancel', '']],
  ['hold', ['hold', '']],
  ['open HC-20418', ['ride', 'HC-20418']],
  ['ride 20418', ['ride', '20418']],
  ['view waiting', ['view-waiting', '']],
  ['view booked', ['view-booked', '']],
  ['book', ['book', '']],
  ['b', ['book', '']],
  ['/', ['filter', '']],
  ['filter by Times Square', ['filter-by', 'Times Square']],
  ['?', ['help', '']],
])('“%s” means %p', (query, meant) => {
  expect(first(query)).toEqual(meant as [string, string])
})

describe('any words', () => {
  const words = fc.stringMatching(/^[\p{L}\p{N} %\\-]{0,30}$/u)
  test('find commands of the table, each once, the best first, whatever their case', () => {
    fc.assert(
      fc.property(words, (query) => {
        const found = match(commands, query)
        const ids = found.map(({ command }) => command.id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const [n, { score }] of found.entries())
          expect(score).toBeLessThanOrEqual(found[n - 1]?.score ?? Infinity)
        // A noun is what was typed; the verb may be in any case.
        for (const { noun } of found) expect(query).toContain(noun)
        expect(match(commands, query.toUpperCase()).length > 0).toBe(found.length > 0)
      }),
    )
  })

  test('a command is found by the whole of its own words, and first', () => {
    for (const command of COMMANDS) {
      const [best] = match(commands, command.words)
      expect([command.words, best?.command.words]).toEqual([command.words, command.words])
    }
  })
})

test('no key means two things', () => {
  const keys = COMMANDS.flatMap(({ id, keys = [] }) => (id === 'choose' ? [] : keys))
  expect(new Set(keys).size).toBe(keys.length)
})

test('every command presses something or is done by name', () => {
  for (const { id, press, own } of COMMANDS)
    expect([id, (press !== undefined) !== (own === true)]).toEqual([id, true])
})

test('docs/board.md lists the commands of the table, each with its keys', async () => {
  const docs = await Bun.file(new URL('../../docs/board.md', import.meta.url)).text()
  const [, listed = ''] = /<!-- keys -->\n([\s\S]*?)<!-- \/keys -->/.exec(docs) ?? []
  expect(listed).toBe(keysTable())
})

/** The table of docs/board.md; where the test fails, what it expected is what belongs there. */
function keysTable(): string {
  const keys = ({ id, keys = [] }: Command) =>
    id === 'choose'
      ? keys.join('–')
      : keys.length === 0
        ? 'by name'
        : keys.map((key) => `\`${key}\``).join(' ')
  return COMMAND_GROUPS.map(({ title, commands }) => {
    const rows = commands.map(
      (command) =>
        `| ${keys(command)} | ${command.words}${command.takes ? `, ${TAKES[command.takes]}` : ''} |`,
    )
    return `\n| ${title} | |\n| --- | --- |\n${rows.join('\n')}\n`
  }).join('')
}
