import { describe, expect, test } from 'bun:test'
import { assert } from '../../src/engine/units.ts'

const css = await Bun.file(new URL('../../public/tokens.css', import.meta.url)).text()

type Tokens = Record<string, string>

/** Every colour's two values, of `light-dark(light, dark)`; one that is alone is both. */
const pairs = [
  ...css.matchAll(/^ {2}--([\w-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));/gm),
].map(([, name, light, dark, both]) => ({ name: name!, light: (light ?? both)!, dark: (dark ?? both)! }))
const light: Tokens = Object.fromEntries(pairs.map((pair) => [pair.name, pair.light]))
const dark: Tokens = Object.fromEntries(pairs.map((pair) => [pair.name, pair.dark]))

type Rgb = readonly [number, number, number]

function rgb(hex: string): Rgb {
  const number = Number.parseInt(hex.slice(1), 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}

/** WCAG 2.2's relative luminance and contrast ratio. */
function contrast(a: Rgb, b: Rgb): number {
  const [darker, lighter] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function over(top: Rgb, alpha: number, below: Rgb): Rgb {
  return [0, 1, 2].map((i) => top[i]! * alpha + below[i]! * (1 - alpha)) as unknown as Rgb
}

const TEXTS = ['ink', 'ink-muted', 'ink-faint', 'brand-ink', 'ok', 'warn', 'danger', 'info', 'violet']
const GROUNDS = ['ground', 'surface', 'raised', 'sunken', 'control', 'brand-soft']
/** Text on something other than the grounds, as `[text, ground]`. */
const PAIRS: [string, string][] = [
  ['on-brand', 'brand'],
  ['on-brand', 'brand-hover'],
  ['on-inverse', 'inverse'],
  ['brand-on-inverse', 'inverse'],
  ['map-label', 'map-land'],
  ['map-label', 'map-water'],
  ['map-label', 'map-park'],
  ...['ok', 'warn', 'danger', 'info', 'violet'].flatMap((tone): [string, string][] => [
    [tone, `${tone}-soft`],
    ['ink', `${tone}-soft`],
    ['ink-muted', `${tone}-soft`],
    ['raised', tone],
  ]),
]

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('in the %s theme', (_, tokens) => {
  const colour = (name: string) => {
    const hex = tokens[name]
    assert(hex !== undefined, `token ${name} exists`)
    return rgb(hex)
  }

  test.each(TEXTS)('%s can be read on every ground', (text) => {
    for (const ground of GROUNDS)
      expect({ ground, enough: contrast(colour(text), colour(ground)) >= 4.5 }).toEqual({
        ground,
        enough: true,
      })
  })

  test.each(PAIRS)('%s can be read on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  test('the label of Accept can be read on its drained part', () => {
    const drained = over([60, 35, 0], 0.28, colour('brand'))
    expect(contrast(colour('on-brand'), drained)).toBeGreaterThanOrEqual(4.5)
  })

  test('borders of fields and the focus ring stand out 3 to 1', () => {
    for (const edge of ['line-strong', 'info'])
      for (const ground of ['ground', 'surface', 'raised'])
        expect(contrast(colour(edge), colour(ground))).toBeGreaterThanOrEqual(3)
  })
})

test('the smallest contrast of running text is the one the design names', () => {
  const lowest = Math.min(
    ...[light, dark].flatMap((tokens) =>
      TEXTS.flatMap((text) => GROUNDS.map((ground) => contrast(rgb(tokens[text]!), rgb(tokens[ground]!)))),
    ),
  )
  expect(lowest.toFixed(1)).toBe('4.7')
})

test('every colour is named once, with both of its values', () => {
  const colours = css.match(/^ {2}--[\w-]+: (?:#|light-dark)/gm) ?? []
  expect(pairs).toHaveLength(colours.length)
  expect(new Set(pairs.map(({ name }) => name)).size).toBe(pairs.length)
})

test('no other style sheet names a colour of its own', async () => {
  for (const name of ['app.css', 'parts.css', 'layout.css', 'rider.css', 'receipt.css', 'landing.css']) {
    const text = await Bun.file(new URL(`../../public/${name}`, import.meta.url)).text()
    expect({ name, colours: text.match(/#[0-9a-f]{3,8}\b/gi) ?? [] }).toEqual({ name, colours: [] })
  }
})
