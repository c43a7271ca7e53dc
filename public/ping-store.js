/** Where pings wait while the network is gone: IndexedDB, so that neither a reload nor an empty battery loses them. */
;(() => {
  const NAME = 'honeycab-pings'

  /**
   * A queue for one driver: another who signs in on the same phone never sends these positions as their own.
   * @param {IDBFactory} factory
   * @param {string} driverId
   * @returns {PingStore}
   */
  function openPingStore(factory, driverId) {
    /** @type {Promise<IDBDatabase> | null} */
    let opening = null

    function open() {
      opening ??= new Promise((resolve, reject) => {
        const request = factory.open(NAME, 1)
        request.onupgradeneeded = () => {
          request.result.createObjectStore('pings', { keyPath: ['driverId', 'seq'] })
          request.result.createObjectStore('last')
        }
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

    /** @param {(transaction: IDBTransaction) => void} work */
    async function write(work) {
      const transaction = (await open()).transaction(['pings', 'last'], 'readwrite')
      work(transaction)
      await new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(undefined)
        transaction.onerror = () => reject(transaction.error)
      })
    }

    return {
      async load() {
        const transaction = (await open()).transaction(['pings', 'last'])
        const mine = IDBKeyRange.bound([driverId, 0], [driverId, Number.MAX_SAFE_INTEGER])
        const [kept, last] = await Promise.all([
          result(transaction.objectStore('pings').getAll(mine)),
          result(transaction.objectStore('last').get(driverId)),
        ])
        return { lastSeq: last ?? 0, pings: kept.map(({ driverId: _mine, ...ping }) => ping) }
      },
      put: (ping) =>
        write((transaction) => {
          transaction.objectStore('pings').put({ ...ping, driverId })
          transaction.objectStore('last').put(ping.seq, driverId)
        }),
      remove: (seqs) =>
        write((transaction) => {
          for (const seq of seqs) transaction.objectStore('pings').delete([driverId, seq])
        }),
    }
  }

  /**
   * @template T
   * @param {IDBRequest<T>} request
   * @returns {Promise<T>}
   */
  function result(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  }

  globalThis.openHoneycabPingStore = openPingStore
})()
