/** Who imports whom: the rooms of docs/architecture.md, held by reading the imports. */
import { describe, expect, test } from 'bun:test'
import { Glob } from 'bun'

const ROOT = new URL('..', import.meta.url).pathname

/** The order data flows: a slice imports leftwards only. */
const SLICES = [
  'audit',
  'notices',
  'uploads',
  'accounts',
  'companies',
  'drivers',
  'licences',
  'positions',
  'places',
  'roads',
  'fares',
  'money',
  'rides',
  'dispatch',
  'carpool',
  'charter',
  'chat',
  'safety',
  'tracking',
  'aftercare',
  'board',
  'privacy',
  'backoffice',
  'ops',
  'replay',
]

interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Files of `src` and `views`, and what each imports of ours (as a path from the root) or by package name. */
async function imports(): Promise<Import[]> {
  const found: Import[] = []
  for await (const file of new Glob('{src,views}/**/*.ts').scan(ROOT)) {
    const text = await Bun.file(`${ROOT}${file}`).text()
    for (const [, target = ''] of text.matchAll(
      /^(?:import|export)[^'"]*?from '([^']+)'|^import '([^']+)'/gm,
    )) {
      const to = target.startsWith('.') ? new URL(target, `file:///${file}`).pathname.slice(1) : target
      found.push({ file, from: roomOf(file), to })
    }
  }
  return found
}

/** `engine`, `io`, `web`, `views`, a slice's name, or `top` for the few files that wire the rest. */
function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  if (first !== 'src') return first
  return second.endsWith('.ts') ? 'top' : second
}

const all = await imports()

describe('who imports whom', () => {
  test('the engine imports h3-js, Turf and itself, and nothing else', () => {
    const wrong = all.filter(
      ({ from, to }) => from === 'engine' && !/^(h3-js$|@turf\/|src\/engine\/)/.test(to),
    )
    expect(wrong).toEqual([])
  })

  test('the engine asks neither the clock nor chance, and waits for nothing', async () => {
    const wrong: string[] = []
    for await (const file of new Glob('src/engine/**/*.ts').scan(ROOT)) {
      const text = await Bun.file(`${ROOT}${file}`).text()
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      if (/Date\.now|Math\.random|performance\.|\bawait\b|\basync\b|process\.|Bun\./.test(code))
        wrong.push(file)
    }
    expect(wrong).toEqual([])
  })

  test('io imports the engine and itself', () => {
    const wrong = all.filter(
      ({ from, to }) => from === 'io' && to.startsWith('src/') && !/^src\/(engine|io)\//.test(to),
    )
    expect(wrong).toEqual([])
  })

  test('nothing but the way out asks other servers over HTTP', async () => {
    // The demo's simulated phones call their own server; the bucket has a client of its own.
    const may = ['src/io/outgoing.ts', 'src/replay/city/phone.ts']
    const found: string[] = []
    for await (const file of new Glob('src/**/*.ts').scan(ROOT)) {
      const text = await Bun.file(`${ROOT}${file}`).text()
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      if (/(?<![.\w])fetch\(|\bfrom 'node:https?'/.test(code)) found.push(file)
    }
    expect(found.toSorted()).toEqual(may)
  })

  test('the web shell imports io, the engine and the views', () => {
    const wrong = all.filter(
      ({ from, to }) => from === 'web' && to.startsWith('src/') && !/^src\/(engine|io|web)\//.test(to),
    )
    expect(wrong).toEqual([])
  })

  test('views import the engine and other views', () => {
    const wrong = all.filter(
      ({ from, to }) => from === 'views' && /^(src|migrations)\//.test(to) && !to.startsWith('src/engine/'),
    )
    expect(wrong).toEqual([])
  })

  test('slices import leftwards only', () => {
    const wrong = all.filter(({ from, to }) => {
      const target = to.startsWith('src/') ? roomOf(to) : ''
      if (!SLICES.includes(from) || from === target) return false
      if (target === 'top') return from !== 'replay'
      return SLICES.includes(target) && SLICES.indexOf(target) > SLICES.indexOf(from)
    })
    expect(wrong).toEqual([])
  })

  test('every folder of src is a room that has its place in the order', () => {
    const rooms = new Set(all.filter(({ file }) => file.startsWith('src/')).map(({ from }) => from))
    for (const room of ['engine', 'io', 'web', 'top', ...SLICES]) rooms.delete(room)
    expect([...rooms]).toEqual([])
  })
})

/** Routes that reach beyond their request's wall, and why they must. */
const BEYOND_THE_WALL: Record<string, string> = {
  'src/accounts/email-routes.ts': 'who opens a link may be signed in nowhere',
  'src/accounts/invitation-routes.ts': 'who holds an invitation is nobody to the company yet',
  'src/accounts/joining-routes.ts': 'who registers is nobody yet',
  'src/backoffice/deleted-routes.ts':
    'where else somebody works is hidden from the one company, and what is deleted lies there too',
  'src/backoffice/impersonation-routes.ts': 'the way back from borrowed eyes is not the borrowed person’s',
  'src/backoffice/person-acts.ts': 'tries to sign in are nobody’s to see',
  'src/backoffice/start-routes.ts': 'how many wait to sign in again is counted for the office',
  'src/board/booking-routes.ts':
    'who rings is found by letters, which the wall would ask each row about first',
  'src/board/find-routes.ts': 'ids are found by letters, which the wall would ask each row about first',
  'src/notices/outbox.ts': 'a developer reads all letters on their own machine, and nobody elsewhere',
  'src/ops/health.ts': 'asks whether the database answers, for no person',
  'src/privacy/leaving-routes.ts': 'who opens a link may be signed in nowhere; who leaves does so everywhere',
  'src/privacy/routes.ts': 'what is kept of a person lies at every company they rode with',
  'src/tracking/share-routes.ts': 'who follows a shared ride by its link may be signed in nowhere',
}

/** The handle without a scope, or what holds it, taken from what a slice is mounted with. */
const SYSTEMS_HANDLE =
  /\b(deps|options)\.(db|system)\b|\bcommit\(deps\b|\{[^{}]*\b(db|system)\b[^{}]*\} = (deps|options)\b|\{[^{}]*\bdb\b[^{}]*\}: \w+(Deps|Options)\b/

describe('which handle reads', () => {
  test('routes read with the handle of their request, but for a short list', async () => {
    const beyond: string[] = []
    for await (const file of new Glob('src/*/*.ts').scan(ROOT)) {
      const text = await Bun.file(`${ROOT}${file}`).text()
      if (!text.includes('new Elysia(') || file.startsWith('src/web/')) continue
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      if (SYSTEMS_HANDLE.test(code)) beyond.push(file)
    }
    expect(beyond.toSorted()).toEqual(Object.keys(BEYOND_THE_WALL))
  })
})
