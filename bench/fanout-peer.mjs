/**
 * What `bench fanout` compares with, in a process of its own: a server that does nothing but give each message to
 * everybody. Run by Bun it publishes to a topic, run by Node it is the `ws` package.
 */
/** @type {Set<import('ws').WebSocket>} */
const sockets = new Set()

/** @typedef {{ port: number, publish: (text: string) => void }} Peer */

/** @returns {Promise<Peer>} */
async function listen() {
  if (globalThis.Bun !== undefined) {
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('no', { status: 400 })),
      websocket: { open: (socket) => void socket.subscribe('all'), message() {} },
    })
    return { port: Number(server.port), publish: (text) => void server.publish('all', text) }
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
    publish(text) {
      for (const socket of sockets) socket.send(text)
    },
  }
}

const { port, publish } = await listen()
process.on('message', (/** @type {'stop' | 'usage' | { text: string }} */ message) => {
  if (message === 'stop') process.exit(0)
  if (message !== 'usage') publish(message.text)
  process.send?.(message === 'usage' ? process.cpuUsage() : { done: true })
})
process.send?.({ port })
