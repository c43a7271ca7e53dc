/**
 * The driver's steps that could not be sent: kept in the order they were pressed, sent once each with the key and the
 * words of the first try, so that one which had arrived after all has no second effect. What the server refuses is
 * told, and so are the steps behind it of the same ride, which stand on nothing any more.
 *
 * @typedef {object} QueuedStep
 * @property {string} driverId
 * @property {number} n counts up; the order they go out in
 * @property {string} rideId
 * @property {string} step `arrive`, say
 * @property {string} verb what the button said
 * @property {string} action where to
 * @property {string} body the form as it was pressed, urlencoded, its key in it
 * @property {number} saidAtMs
 *
 * @typedef {'done' | 'later' | 'signed_out' | {refused: string}} StepAnswer
 *
 * @typedef {object} StepStore
 * @property {() => Promise<QueuedStep[]>} all in order
 * @property {(step: QueuedStep) => Promise<void>} add
 * @property {(ns: number[]) => Promise<void>} remove
 */
;(() => {
  /**
   * @param {{store: StepStore, send: (step: QueuedStep) => Promise<StepAnswer>,
   *   onChange: (waiting: QueuedStep[], state: {signedOut: boolean}) => void,
   *   onRefused: (step: QueuedStep, words: string, dropped: QueuedStep[]) => void,
   *   alone?: (work: () => Promise<void>) => Promise<void>}} parts
   *   `alone` runs work while no other tab does
   */
  function createStepQueue({ store, send, onChange, onRefused, alone = (work) => work() }) {
    /** @type {QueuedStep[]} */
    let waiting = []
    let signedOut = false
    /** @type {Promise<void> | null} */
    let flushing = null

    async function load() {
      waiting = await store.all()
      onChange([...waiting], { signedOut })
    }

    /** @param {Omit<QueuedStep, 'n'>} step one with a body that waits already is the same press */
    async function add(step) {
      await load()
      if (waiting.some(({ action, body }) => action === step.action && body === step.body)) return
      await store.add({ ...step, n: (waiting.at(-1)?.n ?? 0) + 1 })
      await load()
    }

    /** Send what waits, until something does not get through. */
    function flush() {
      flushing ??= alone(sendAll).finally(() => {
        flushing = null
      })
      return flushing
    }

    async function sendAll() {
      // Another tab may have sent some.
      await load()
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const answer = await send(next)
        signedOut = answer === 'signed_out'
        if (answer === 'later' || answer === 'signed_out') break
        const { rideId, n } = next
        const dropped =
          answer === 'done' ? [] : waiting.filter((other) => other.rideId === rideId && other.n > n)
        await store.remove([n, ...dropped.map((other) => other.n)])
        if (answer !== 'done') onRefused(next, answer.refused, dropped)
        await load()
      }
      onChange([...waiting], { signedOut })
    }

    return { load, add, flush, waiting: () => [...waiting] }
  }

  /**
   * @param {IDBFactory} factory
   * @param {string} driverId only this driver's: another who signs in on the same phone never sends them
   * @returns {StepStore}
   */
  function openStepStore(factory, driverId) {
    /** @type {Promise<IDBDatabase> | null} */
    let opening = null
    const mine = IDBKeyRange.bound([driverId, 0], [driverId, Number.MAX_SAFE_INTEGER])

    function open() {
      opening ??= new Promise((resolve, reject) => {
        const request = factory.open('honeycab-steps', 1)
        request.onupgradeneeded = () =>
          request.result.createObjectStore('steps', { keyPath: ['driverId', 'n'] })
        request.onsuccess = () => {
          // Signing out, in this tab or another, deletes it all.
          request.result.onversionchange = () => {
            request.result.close()
            opening = null
          }
          resolve(request.result)
        }
        request.onerror = () => reject(request.error)
      })
      return opening
    }

    /**
     * @template T
     * @param {IDBTransactionMode} mode
     * @param {(steps: IDBObjectStore) => IDBRequest<T> | void} work
     * @returns {Promise<T | undefined>}
     */
    async function within(mode, work) {
      const transaction = (await open()).transaction('steps', mode)
      const request = work(transaction.objectStore('steps'))
      return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(request?.result)
        transaction.onerror = () => reject(transaction.error)
      })
    }

    return {
      all: async () => (await within('readonly', (steps) => steps.getAll(mine))) ?? [],
      add: async (step) => void (await within('readwrite', (steps) => steps.add(step))),
      remove: async (ns) =>
        void (await within('readwrite', (steps) => {
          for (const n of ns) steps.delete([driverId, n])
        })),
    }
  }

  globalThis.HoneycabSteps = { createStepQueue, openStepStore }
})()
