/**
 * What `bench fanout` compares with, in a process of its own: a server that does nothing but give each message to
 * everybody. Run by Bun it publishes to a topic, run by Node it is the `ws` package.
 */
/** @type {Set<import('ws').WebSocket>} */
const sockets = new Set()

/** @typedef {{ port: number, publish: (frame: Uint8Array) => void }} Peer */

/** @returns {Promise<Peer>} */
async function listen() {
  if (globalThis.Bun !== undefined) {
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('no', { status: 400 })),
      websocket: { open: (socket) => void socket.subscribe('all'), message() {} },
    })
    return { port: Number(server.port), publish: (frame) => void server.publish('all', frame) }
  }
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.on('listening', () => resolve(undefined)))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    publish(frame) {
      for (const socket of sockets) socket.send(frame)
    },
  }
}

const { port, publish } = await listen()
/** @typedef {{ frames: string[] }} Turn in base64 */
/** Of the thread that serves, where the runtime tells them apart. */
const usage = () => (process.threadCpuUsage ?? process.cpuUsage)()
process.on('message', (/** @type {'stop' | 'serving' | Turn} */ message) => {
  if (message === 'stop') process.exit(0)
  if (message !== 'serving') for (const frame of message.frames) publish(Buffer.from(frame, 'base64'))
  process.send?.(message === 'serving' ? usage() : { done: true })
})
process.send?.({ port })
