/** A rendered licence, read by the real machine from our packages, with no network. */
import { afterAll, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { makeTextReader } from '../../src/licences/ocr.ts'
import { readFields } from '../../src/licences/read-text.ts'
import { licencePicture } from '../support/pictures.ts'

const clock = manualClock(0)
const lines: string[] = []
const reader = makeTextReader({ clock, log: createLog('warn', { write: (line) => void lines.push(line) }) })
afterAll(() => reader.stop())

const CARD = [
  'NEW YORK STATE',
  'DRIVER LICENSE',
  'ID: 123 456 789',
  'CLASS E',
  '1 LINDQVIST',
  '2 BO ERIK',
  'DOB: 04/12/1985',
  'ISS: 01/15/2022',
  'EXP: 04/12/2030',
]

test('a licence is read into its fields', async () => {
  const text = await reader.read(await licencePicture(CARD))
  expect(readFields(text ?? '')).toEqual({
    legalName: 'Bo Erik Lindqvist',
    number: '123 456 789',
    country: 'US',
    issuingState: 'New York',
    classes: 'E',
    issuedOn: '2022-01-15',
    expiresOn: '2030-04-12',
  })
}, 60_000)

test('what is no picture is nothing, without a fuss; the next one is read', async () => {
  expect(await reader.read(new Uint8Array([1, 2, 3]))).toBeNull()
  expect(lines.join()).toContain('ocr.failed')
  expect(await reader.read(await licencePicture(CARD))).toContain('LINDQVIST')
}, 60_000)

test('more than can wait are left unread, and the rest are read', async () => {
  const picture = await licencePicture(CARD)
  const texts = await Promise.all(Array.from({ length: 7 }, () => reader.read(picture)))
  expect(texts.filter((text) => text === null)).toHaveLength(2)
}, 60_000)

test('idle for a minute, the worker goes', async () => {
  await reader.read(await licencePicture(CARD))
  expect(clock.pending()).toBe(1)
  await clock.advanceAndWait(60_000)
  expect(clock.pending()).toBe(0)
  expect(await reader.read(await licencePicture(CARD))).toContain('LINDQVIST')
}, 60_000)
