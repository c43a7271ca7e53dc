/**
 * A dispatcher's shift by keyboard alone, on the real app in Chromium: `bun test/pages/shift-day.ts [rounds] [each]`. Five
 * rounds are 300 rides, every kind of trouble twenty times, and thirty bookings by phone. Prints for each kind of act how
 * often it was done, how long it took from its first key to what came of it, and with how many keys; and what was wrong.
 */
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium } from '../support/chromium.ts'
import { DESK, openWindow } from '../support/pages.ts'
import { type Caller, type Deed, openShiftDesk } from '../support/shift-desk.ts'
import { startShift } from '../support/shift-world.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
/** Of each kind at once. */
const EACH = Number(process.argv[3] ?? 4)
/** Of a person who types without being a typist: Card, Moran and Newell, The Keystroke-Level Model (1980), doi:10.1145/358886.358895. */
const KEY_MS = 280

const shift = await startShift(EACH)
const browser = await launchChromium()
const window = await openWindow(browser, shift.world, shift.canal.dispatcher, DESK)
const { page, mistakes } = window
const wrong: string[] = []
const openBoard = async () => {
  await window.go('/board')
  await page.locator('.map-ready').waitFor({ state: 'attached' })
}
await openBoard()
const desk = openShiftDesk(page)

/** What goes wrong is told, and the shift goes on. */
async function attempt(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    console.log(`wrong: ${what}: ${String(error).slice(0, 400)}`)
    wrong.push(`${what}: ${String(error).split('\n').slice(0, 3).join(' ')}`)
    await page.screenshot({ path: join(tmpdir(), `honeycab-shift-${wrong.length}.png`) }).catch(() => {})
    await openBoard()
  }
}

const PLACES = ['grand central', 'strand book', 'bryant park', 'union square', 'penn station']

/** Somebody who rode before and has a number. */
async function known(n: number): Promise<string> {
  const { rider, id } = await shift.ask()
  const number = `+1212555${String(1000 + n)}`
  await shift.world.db
    .updateTable('identities')
    .set({ phone: number })
    .where('id', '=', rider.identityId)
    .execute()
  await shift.canal.admin.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, { reason: 'plans' })
  return `212 555 ${1000 + n}`
}

async function callers(n: number): Promise<Caller[]> {
  const [from = '', to = ''] = [PLACES[n % 5], PLACES[(n + 2) % 5]]
  const fresh: Caller = {
    ...{
      kind: 'phone booking: somebody new, by name',
      number: `+4420794${10_000 + n}`,
      name: 'Zoë Müller',
    },
    ...{ from, to, at: '' },
  }
  const again: Caller = {
    kind: 'phone booking: the same way again',
    number: await known(n),
    from,
    to,
    at: '',
    again: true,
  }
  const later: Caller = {
    kind: 'phone booking: known, tomorrow',
    number: again.number,
    from,
    to,
    at: 'tomorrow 7',
  }
  return [fresh, again, later]
}

const startedMs = performance.now()
for (let round = 0; round < ROUNDS; round++) {
  const troubles = await shift.makeTroubles()
  await page.locator(`#${troubles.at(-1)!.card}`).waitFor()
  const cards = await page.evaluate(() =>
    [...document.querySelectorAll('#board-safety li, #board-queue li')].map(({ id }) => id),
  )
  // From the top, as somebody does who has all of them before them: what has least time comes first.
  troubles.sort((a, b) => cards.indexOf(a.card) - cards.indexOf(b.card))
  for (const trouble of troubles) await attempt(trouble.kind, () => desk.handle(trouble))
  for (let n = 0; n < EACH; n++) {
    const [given, held] = [await shift.ask(), await shift.ask()]
    await attempt('by number and call sign', async () => {
      await desk.open(given)
      await desk.giveByCallSign(given, await shift.freeCar())
      await desk.takeBack(given)
    })
    await attempt('hold', () => desk.hold(held))
  }
  for (const n of [2 * round, 2 * round + 1])
    for (const caller of await callers(n)) await attempt(caller.kind, () => desk.book(caller))
  wrong.push(
    ...mistakes.splice(0),
    ...shift.world.lines.splice(0).map((line) => JSON.stringify(line).slice(0, 300)),
  )
  await shift.clearUp()
  console.log(
    `round ${round + 1} of ${ROUNDS}, ${Math.round((performance.now() - startedMs) / 1_000)} s, ${wrong.length} wrong`,
  )
}
const { count } = await shift.world.db
  .selectFrom('rides')
  .select((query) => query.fn.countAll<string>().as('count'))
  .executeTakeFirstOrThrow()

console.log(
  `\n${count} rides, ${desk.deeds.length} acts, on ${cpus().length} cores of ${cpus()[0]?.model}, Chromium ${browser.version()}\n`,
)
console.log('| act | times | keys | median ms | p95 ms | slowest ms | with hands, s |')
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
for (const [kind, deeds] of Map.groupBy(desk.deeds, (deed) => deed.kind)) console.log(line(kind, deeds))
console.log(`\nwrong: ${wrong.length}`)
for (const what of wrong) console.log(`- ${what}`)
await browser.close()
await shift.stop()
process.exit(wrong.length === 0 ? 0 : 1)

function line(kind: string, deeds: readonly Deed[]): string {
  const ms = deeds.map((deed) => deed.ms).toSorted((a, b) => a - b)
  const keys = deeds.map((deed) => deed.keys).toSorted((a, b) => a - b)
  const at = (list: readonly number[], share: number) =>
    Math.round(list[Math.max(0, Math.ceil(list.length * share) - 1)] ?? 0)
  // A hand is slower than the test's, and waits where the page makes it wait.
  const handsS = (at(keys, 0.5) * KEY_MS + at(ms, 0.5)) / 1_000
  return `| ${kind} | ${deeds.length} | ${at(keys, 0.5)} | ${at(ms, 0.5)} | ${at(ms, 0.95)} | ${at(ms, 1)} | ${handsS.toFixed(1)} |`
}
