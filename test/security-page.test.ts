/** docs/security.md names tests as its proof: every one of them has to be there. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dir, '..')
const page = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    number: Number(/^\d+/.exec(section)?.[0]),
    proofs: [...section.matchAll(/^- `([^`]+)`(?:: (.+))?$/gm)].map(([, file = '', name]) => ({
      file,
      name,
    })),
  }))
/** The promises that concern accounts, besides those on retrying, hanging and sockets. */
const ACCOUNTS = Array.from({ length: 21 }, (_, n) => 30 + n)
/** What who feels unsafe may rely on. */
const HELP = 51

describe('the page on security', () => {
  test('has every promise that concerns accounts, each with a proof', () => {
    expect(sections.map(({ number }) => number)).toEqual([8, 9, 12, 19, ...ACCOUNTS, HELP])
    expect(sections.filter(({ proofs }) => proofs.length === 0)).toEqual([])
  })

  test('names only tests that are there', () => {
    const texts = new Map<string, string>()
    const read = (file: string) => {
      const path = join(ROOT, file)
      if (!texts.has(file)) texts.set(file, existsSync(path) ? readFileSync(path, 'utf8') : '')
      return texts.get(file)!
    }
    const missing = sections.flatMap(({ number, proofs }) =>
      proofs
        .filter(({ file, name }) => !read(file).includes(name ?? 'test('))
        .map(({ file, name }) => `${number}: ${file}: ${name ?? 'no test in it'}`),
    )
    expect(missing).toEqual([])
  })

  test('has a line for each proof and nothing that only looks like one', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('- '))
    expect(lines.length).toBe(sections.reduce((sum, { proofs }) => sum + proofs.length, 0))
  })
})
