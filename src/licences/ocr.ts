/**
 * Reading text off a picture: Tesseract in a worker of its own, with its language data from our packages and never from
 * the network. One picture at a time, with a bound on the wait and on the reading; what fails is a form left empty.
 */
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { createWorker, OEM, type Worker } from 'tesseract.js'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import { makeTurns } from '../web/turns.ts'

export interface TextReader {
  /** The text of a picture; null when it could not be read in time. Never throws. */
  read(picture: Uint8Array): Promise<string | null>
  /** Let the worker go; the next reading starts a new one. */
  stop(): Promise<void>
}

/** At about two seconds each the last in line waits ten; beyond that the form is typed sooner than read. */
const MOST_WAITING = 4
const READ_MS = 20_000
/** The worker keeps 150 MB; most of the day nobody hands anything in. */
const IDLE_MS = 60_000
/** Letters of a licence are then some 25 pixels high, which is what it reads best. */
const LONG_SIDE = 1600

const LANGUAGE = join(
  dirname(Bun.resolveSync('@tesseract.js-data/eng/package.json', import.meta.dir)),
  '4.0.0_best_int',
)

export function makeTextReader({ clock, log }: { clock: Clock; log: Logger }): TextReader {
  const inTurn = makeTurns({
    ...{ atOnce: 1, mostWaiting: MOST_WAITING },
    ...{ busy: 'Many licences are being read right now.', retryAfterS: 10 },
  })
  let worker: Promise<Worker> | null = null
  let cancelIdle: (() => void) | null = null

  async function letGo(): Promise<void> {
    cancelIdle?.()
    cancelIdle = null
    const last = worker
    worker = null
    await (await last?.catch(() => null))?.terminate()
  }

  async function readOne(picture: Uint8Array): Promise<string> {
    cancelIdle?.()
    worker ??= createWorker('eng', OEM.LSTM_ONLY, {
      ...{ langPath: LANGUAGE, gzip: true, cacheMethod: 'none' },
      // Without it a failure inside the worker would be thrown where nobody catches it.
      errorHandler: (error: unknown) => log.warn({ error }, 'ocr.worker_failed'),
    })
    const image = await sharp(picture)
      .resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' })
      .greyscale()
      .normalise()
      .jpeg({ quality: 90 })
      .toBuffer()
    const { data } = await (await worker).recognize(image)
    return data.text
  }

  /** By the machine's own timers: a worker that hangs does so whatever the clock of a test says. */
  async function inTime<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not read in ${READ_MS} ms`)), READ_MS)
    })
    try {
      return await Promise.race([work, tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async read(picture) {
      try {
        return await inTurn(async () => {
          try {
            return await inTime(readOne(picture))
          } catch (error) {
            // It may still be at work on the picture that took too long.
            await letGo()
            throw error
          } finally {
            cancelIdle = clock.after(IDLE_MS, () => void letGo())
          }
        })
      } catch (error) {
        log.warn({ error }, 'ocr.failed')
        return null
      }
    },
    stop: letGo,
  }
}
