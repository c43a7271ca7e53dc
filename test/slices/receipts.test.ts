import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { lettersTo } from '../support/letters.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
let ada: Person
let id: string
beforeAll(async () => {
  world = await startApp({ running: false })
  ada = world.canal.rider
  await world.db
    .updateTable('companies')
    .set({ address: '12 Canal Street, New York', tax_number: '12-345', licence_number: 'B02617' })
    .where('id', '=', world.canal.companyId)
    .execute()
  ;({ id } = await askRide(ada))
  await goOnline(world, world.canal.driver)
  await assign(world.canal, id)
  await takeSteps(world.canal.driver, id, 4)
}, 60_000)
afterAll(() => world?.stop())

const receipt = async (tail = '') => (await ada.client.get(`/rides/${id}/receipt${tail}`)).text()

test('names the company with address, tax and licence number on paper', async () => {
  const page = await receipt()
  for (const words of ['12 Canal Street, New York', 'Tax number 12-345', 'Licence B02617'])
    expect(page).toContain(words)
})

test('comes as a PDF to its rider alone, and not before there is something to pay', async () => {
  const answer = await ada.client.get(`/rides/${id}/receipt.pdf`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf'])
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="receipt-HC-\d+\.pdf"$/)
  expect((await answer.text()).slice(0, 5)).toBe('%PDF-')
  expect((await world.canal.otherRider.client.get(`/rides/${id}/receipt.pdf`)).status).toBe(404)
  const { id: open } = await askRide(ada)
  expect((await ada.client.get(`/rides/${open}/receipt.pdf`)).status).toBe(404)
  await ada.client.done('POST', `/api/v1/rides/${open}/cancellation`, { feeMinor: 0 })
})

test('goes to the rider’s own address, once however often it is pressed, with every line and the tip', async () => {
  await ada.client.form(`/rides/${id}/tip`, { amount_minor: '500', key: crypto.randomUUID() })
  const press = () => ada.client.form(`/rides/${id}/receipt/letter`, { key: crypto.randomUUID() })
  const [first] = await Promise.all([press(), press()])
  expect(first.headers.get('location')).toBe(`/rides/${id}/receipt?done=sent`)
  expect(await receipt('?done=sent')).toContain('On its way to your mailbox.')
  const letters = (await lettersTo(world.db, ada.email)).filter(({ kind }) => kind === 'receipt')
  expect(letters).toHaveLength(1)
  const { total, lines, company } = letters[0]!.data as { total: string; lines: string[][]; company: string }
  expect(company).toContain('Tax number 12-345')
  expect(lines.at(-1)).toEqual(['Tip for Bo L. (on your account)', '$5.00'])
  expect(await receipt()).toContain(total)
  for (const [label = ''] of lines.slice(0, -1)) expect(await receipt()).toContain(label.replace(/ \(.*/, ''))
  expect(
    (await world.canal.otherRider.client.form(`/rides/${id}/receipt/letter`, { key: crypto.randomUUID() }))
      .status,
  ).toBe(404)
})

test('shows as paid what it shows: the fare and the tip on it', async () => {
  const page = await receipt()
  expect(page).toContain('Tip for Bo L.')
  expect(page).not.toContain('A tip for')
})
