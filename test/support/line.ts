/** A wire between a process and its server that a test can cut, leave dead, or mend. */
import type { Socket } from 'bun'

export interface Wire {
  readonly port: number
  /** Every connection ends now; new ones are made. */
  cut(): void
  /** Every connection ends now, and new ones are refused until `mend`. */
  unplug(): void
  mend(): void
  /** Connections stay, and nothing comes through until `thaw`: a server that hangs. */
  freeze(): void
  thaw(): void
  stop(): void
}

interface End {
  other: Socket<End> | null
  waiting: Uint8Array[]
}

/** Listens on a port of its own and passes everything on to `target` on this machine. */
export function makeWire(target: number): Wire {
  const ends = new Set<Socket<End>>()
  let frozen = false
  const hostname = '127.0.0.1'
  const handlers = {
    data(socket: Socket<End>, bytes: Uint8Array) {
      const { other, waiting } = socket.data
      // The far end is not there yet; what is for it waits here.
      if (other === null) waiting.push(new Uint8Array(bytes))
      else pass(other, bytes)
    },
    close(socket: Socket<End>) {
      ends.delete(socket)
      socket.data.other?.end()
    },
    error(socket: Socket<End>) {
      socket.end()
    },
    drain(socket: Socket<End>) {
      flush(socket)
    },
  }

  /** What the kernel does not take at once is kept, in order. */
  function pass(to: Socket<End>, bytes: Uint8Array): void {
    to.data.waiting.push(new Uint8Array(bytes))
    flush(to)
  }

  function flush(to: Socket<End>): void {
    if (frozen) return
    const { waiting } = to.data
    while (waiting.length > 0) {
      const written = to.write(waiting[0]!)
      if (written < waiting[0]!.length) {
        waiting[0] = waiting[0]!.subarray(Math.max(0, written))
        return
      }
      waiting.shift()
    }
  }

  function listen(port: number) {
    return Bun.listen<End>({
      hostname,
      port,
      socket: {
        ...handlers,
        open(near) {
          const early: Uint8Array[] = []
          near.data = { other: null, waiting: early }
          ends.add(near)
          Bun.connect<End>({
            hostname,
            port: target,
            socket: handlers,
            data: { other: near, waiting: [] },
          }).then(
            (far) => {
              ends.add(far)
              near.data = { other: far, waiting: [] }
              for (const bytes of early) pass(far, bytes)
            },
            () => near.end(),
          )
        },
      },
    })
  }

  let listener = listen(0)
  const { port } = listener
  const cut = () => {
    for (const end of [...ends]) end.terminate()
    ends.clear()
  }
  return {
    port,
    cut,
    unplug() {
      listener.stop(true)
      cut()
    },
    mend() {
      listener = listen(port)
    },
    freeze() {
      frozen = true
    },
    thaw() {
      frozen = false
      for (const end of ends) flush(end)
    },
    stop() {
      listener.stop(true)
      cut()
    },
  }
}
