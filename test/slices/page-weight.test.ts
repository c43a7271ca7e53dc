import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'

describe('what goes over the wire is small', () => {
  let world: AppWorld
  const ask = (path: string, acceptEncoding: string) =>
    fetch(`${world.stranger.origin}${path}`, {
      headers: { 'accept-encoding': acceptEncoding },
      decompress: false,
    } as RequestInit)

  beforeAll(async () => {
    world = await startApp()
  }, 60_000)
  afterAll(() => world.stop())

  test('a page is packed for who takes it, says so, and is the same page', async () => {
    const packed = await ask('/sign-in', 'gzip, br')
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('vary')).toContain('accept-encoding')
    expect(packed.headers.get('cache-control')).toBe('no-store')
    expect(packed.headers.get('content-security-policy')).toContain("default-src 'none'")
    const page = new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(await packed.arrayBuffer())))
    expect(page).toEndWith('</html>\n')
    const asItIs = await ask('/sign-in', 'identity')
    expect(asItIs.headers.get('content-encoding')).toBeNull()
    expect((await asItIs.text()).length).toBe(page.length)
  })

  test('the files of a page are one, by any process, and nothing is joined that does not belong together', async () => {
    const page = await (await ask('/sign-in', 'identity')).text()
    const [path = ''] = /\/assets\/\w+\/tokens\.css[^"]*/.exec(page) ?? []
    expect(path).toContain('tokens.css+app.css')
    // The smallest form is made behind the back of who asked first.
    while ((await ask(path, 'gzip, br')).headers.get('content-encoding') === 'gzip') await Bun.sleep(20)
    const answers = await Promise.all(['br', 'gzip', 'identity'].map((kind) => ask(path, kind)))
    expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual(['br', 'gzip', null])
    const bytes = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength))
    expect(bytes[0]!).toBeLessThan(bytes[1]!)
    expect(bytes[1]!).toBeLessThan(bytes[2]! / 3)
    const hash = path.split('/')[2]!
    for (const name of [
      'tokens.css',
      'tokens.css+live.js',
      'tokens.css+tokens.css',
      'tokens.css+',
      '+',
      'a+b',
    ])
      expect((await ask(`/assets/${hash}/${name}`, 'gzip')).status).toBe(404)
  })
})
