/** A stream against a model: whatever is cut wherever, a page shows what is so, and no message comes to it twice. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Line, MAX_UNHEARD, numbered, type Part, Stream, WINDOW_CHARS } from '../../src/io/stream.ts'

/**
 * A page as the browser's is, on a line that a test cuts. What is written lies on the way until it is delivered; what
 * lies there when the line is cut is lost.
 */
class Viewer {
  /** What it shows of each part. */
  readonly shown = new Map<string, number>()
  /** Of the part that is told in changes: each of them, as it was added up. */
  sum = 0
  last = 0
  line: (Line & { onTheWay: string[]; isSlow: boolean }) | null = null
  /** Numbers as they came. */
  readonly came: number[] = []

  newLine() {
    const onTheWay: string[] = []
    this.line = {
      onTheWay,
      isSlow: false,
      write: (text) => void onTheWay.push(String(text)),
      isReady() {
        return !this.isSlow
      },
      flush() {},
      close() {},
    }
    return this.line
  }

  deliver(count = Number.POSITIVE_INFINITY): void {
    for (const text of this.line?.onTheWay.splice(0, count) ?? []) {
      const message = JSON.parse(text) as { part: string; version: number; added?: number; n: number }
      expect(message.n).toBe(this.last + 1)
      this.last = message.n
      this.came.push(message.n)
      const before = this.shown.get(message.part) ?? 0
      if (message.added === undefined) expect(message.version).toBeGreaterThanOrEqual(before)
      else this.sum += message.added
      this.shown.set(message.part, message.version)
    }
  }

  cut(): void {
    if (this.line !== null) this.line.onTheWay.length = 0
    this.line = null
  }
}

/** The truth: two parts that are told whole, and one that is told in what was added; two of them may be slow to make. */
function truth() {
  const versions = { status: 1, car: 1, sum: 1 }
  /** The part in changes: what was added with each version. */
  const added = [0, 0]
  const gate = { waits: [] as (() => void)[], isSlow: false }
  const whole = (part: 'status' | 'car') => ({ text: JSON.stringify({ part, version: versions[part] }) })
  const parts: Part[] = [
    {
      name: 'status',
      async make() {
        if (gate.isSlow) await new Promise<void>((open) => gate.waits.push(open))
        return whole('status')
      },
    },
    { name: 'car', make: () => whole('car') },
    {
      name: 'sum',
      make(had) {
        const now = versions.sum
        const all = added.slice((had ?? 0) + 1).reduce((sum, one) => sum + one, 0)
        const text = JSON.stringify({ part: 'sum', version: now, added: all })
        const made = had === now ? null : { text, mark: now }
        // What it had and what is so are read first, and the page may be another one when it is made.
        return gate.isSlow ? new Promise<void>((open) => gate.waits.push(open)).then(() => made) : made
      },
    },
  ]
  return {
    versions,
    added,
    gate,
    parts,
    change(part: 'status' | 'car' | 'sum') {
      versions[part] += 1
      if (part === 'sum') added.push(versions.sum)
    },
    total: () => added.reduce((sum, one) => sum + one, 0),
  }
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('change' as const),
    part: fc.constantFrom('status' as const, 'car' as const, 'sum' as const),
  }),
  fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ do: 'ahead' as const }),
  fc.constant({ do: 'answer' as const }),
  fc.constant({ do: 'cut' as const }),
  fc.constant({ do: 'come' as const }),
  /** The page takes a new line while the old one still stands. */
  fc.constant({ do: 'move' as const }),
  fc.constant({ do: 'slow' as const }),
  fc.constant({ do: 'drain' as const }),
  fc.constant({ do: 'wait' as const }),
  fc.constant({ do: 'go on' as const }),
)

/** The page loses a change and comes back while the next one is being made from what it seemed to have. */
const LOST_WHILE_MADE = [
  { do: 'deliver' as const, count: 4 },
  { do: 'change' as const, part: 'sum' as const },
  { do: 'wait' as const },
  { do: 'change' as const, part: 'sum' as const },
  { do: 'move' as const },
  { do: 'go on' as const },
]

describe('a stream', () => {
  test('is shown whole and told once, wherever its line is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const model = truth()
        const stream = new Stream('s', model.parts)
        const viewer = new Viewer()
        stream.attach(viewer.newLine(), 0)
        stream.oweAll()
        void stream.pump()
        for (const todo of steps) {
          if (todo.do === 'change') {
            model.change(todo.part)
            stream.owe(todo.part)
            void stream.pump()
          } else if (todo.do === 'ahead') {
            model.change('car')
            stream.sendAhead('car')
          } else if (todo.do === 'deliver') viewer.deliver(todo.count)
          else if (todo.do === 'answer') stream.heard(viewer.last)
          else if (todo.do === 'cut' && viewer.line !== null) {
            stream.detach(viewer.line)
            viewer.cut()
          } else if (todo.do === 'move' || (todo.do === 'come' && viewer.line === null)) {
            viewer.cut()
            expect(stream.canGoOn(viewer.last)).toBe(true)
            stream.attach(viewer.newLine(), viewer.last)
            void stream.pump()
          } else if (todo.do === 'slow' && viewer.line !== null) viewer.line.isSlow = true
          else if (todo.do === 'drain' && viewer.line !== null) {
            viewer.line.isSlow = false
            void stream.pump()
          } else if (todo.do === 'wait') model.gate.isSlow = true
          else if (todo.do === 'go on') {
            model.gate.isSlow = false
            for (const open of model.gate.waits.splice(0)) open()
          }
          // Long enough for a part that is quick to make, and not for one that waits.
          for (let turns = 0; turns < 6; turns++) await Promise.resolve()
        }
        // All is well again: the page shows what is so.
        model.gate.isSlow = false
        for (const open of model.gate.waits.splice(0)) open()
        await stream.pump()
        if (viewer.line === null || viewer.line.isSlow) {
          viewer.deliver()
          viewer.cut()
          stream.attach(viewer.newLine(), viewer.last)
        }
        await stream.pump()
        await stream.pump()
        viewer.deliver()
        expect(Object.fromEntries(viewer.shown)).toEqual(model.versions)
        expect(viewer.sum).toBe(model.total())
        expect(viewer.came).toEqual(viewer.came.map((_, n) => n + 1))
        // Nothing is left to be said, however often it comes back.
        viewer.cut()
        stream.attach(viewer.newLine(), viewer.last)
        await stream.pump()
        expect(viewer.line?.onTheWay).toEqual([])
      }),
      { numRuns: 500, examples: [[LOST_WHILE_MADE]] },
    )
  })

  test('a page that is away is not drawn, and gets one message a part when it is back', async () => {
    const model = truth()
    let made = 0
    const counted = model.parts.map((part) => ({
      ...part,
      make(had: number | null, line: Line) {
        made++
        return part.make(had, line)
      },
    }))
    const stream = new Stream('s', counted)
    const viewer = new Viewer()
    const line = viewer.newLine()
    stream.attach(line, 0)
    stream.oweAll()
    await stream.pump()
    viewer.deliver()
    stream.detach(line)
    made = 0
    for (let times = 0; times < 50; times++)
      for (const part of ['status', 'sum'] as const) {
        model.change(part)
        stream.owe(part)
        await stream.pump()
      }
    expect(made).toBe(0)
    stream.attach(viewer.newLine(), viewer.last)
    await stream.pump()
    viewer.deliver()
    expect(viewer.came).toEqual([1, 2, 3, 4, 5])
    expect(viewer.sum).toBe(model.total())
  })

  test('a page that answers is sent no more than fits on the way, and then the newest alone', async () => {
    const big = 'x'.repeat(WINDOW_CHARS / 4)
    let version = 0
    const stream = new Stream('s', [{ name: 'status', make: () => ({ text: `<p>${version}${big}</p>` }) }])
    const sent: string[] = []
    const line: Line = {
      write: (text) => void sent.push(String(text)),
      isReady: () => true,
      flush() {},
      close() {},
    }
    let readyTimes = 0
    stream.onReady = () => void readyTimes++
    stream.attach(line, 0)
    stream.heard(0)
    for (version = 1; version <= 20; version++) {
      stream.owe('status')
      stream.pump()
    }
    version = 20
    expect(sent.length).toBeLessThanOrEqual(4)
    expect(readyTimes).toBe(0)
    stream.heard(sent.length)
    expect(readyTimes).toBe(1)
    const before = sent.length
    stream.pump()
    expect(sent).toHaveLength(before + 1)
    expect(sent.at(-1)).toStartWith('<p>20')
  })

  test('who never answers can go on within the newest messages, and no further', () => {
    const stream = new Stream('s', [{ name: 'car', make: () => ({ text: '{"a":1}' }) }])
    stream.attach({ write() {}, isReady: () => true, flush() {}, close() {} }, 0)
    for (let times = 0; times < MAX_UNHEARD + 10; times++) {
      stream.owe('car')
      stream.pump()
    }
    expect(stream.unheard).toBe(MAX_UNHEARD)
    expect([9, 10, MAX_UNHEARD + 10, MAX_UNHEARD + 11].map((after) => stream.canGoOn(after))).toEqual([
      ...[false, true, true, false],
    ])
  })

  test('what is made at once goes ahead of what is being drawn, and where nothing is new nothing goes', async () => {
    const model = truth()
    let fix = 1
    const [status] = model.parts as [Part]
    const car: Part = {
      name: 'car',
      make: (had) =>
        had === fix ? null : { text: JSON.stringify({ part: 'car', version: fix }), mark: fix },
    }
    const stream = new Stream('s', [status, car])
    const viewer = new Viewer()
    stream.attach(viewer.newLine(), 0)
    model.gate.isSlow = true
    stream.owe('status')
    const drawing = stream.pump()
    expect(stream.sendAhead('car')).toBe(true)
    expect(stream.sendAhead('car')).toBe(false)
    fix = 2
    viewer.line!.isSlow = true
    expect(stream.sendAhead('car')).toBe(false)
    viewer.line!.isSlow = false
    for (const open of model.gate.waits) open()
    await drawing
    viewer.deliver()
    expect(viewer.came).toEqual([1, 2, 3])
    expect(Object.fromEntries(viewer.shown)).toEqual({ status: 1, car: 2 })
  })

  test('what could not be made is owed still', async () => {
    let isAway = true
    const stream = new Stream('s', [
      {
        name: 'status',
        async make() {
          if (isAway) throw new Error('the database is away')
          return { text: '<p>' }
        },
      },
    ])
    const viewer = new Viewer()
    stream.attach(viewer.newLine(), 0)
    stream.oweAll()
    await expect(Promise.resolve(stream.pump())).rejects.toThrow('away')
    isAway = false
    await stream.pump()
    expect(viewer.line?.onTheWay).toEqual([numbered('<p>', 1)])
  })
})

test('a message shows at its beginning what it is, and at its end its number', () => {
  expect(numbered('<main>…</main>', 7)).toBe('<main>…</main><!--7-->')
  expect(JSON.parse(numbered('{"type":"car","lat":1}', 8))).toEqual({ type: 'car', lat: 1, n: 8 })
})
