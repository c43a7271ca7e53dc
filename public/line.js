/**
 * The page's line to the server: a socket, or one poll after the other where sockets do not get through. Messages are
 * numbered; a line that comes back says what it has, so that nothing is missed and nothing comes twice (docs/wire.md).
 * A line that has gone silent is told from one that has nothing to say by the server's beats.
 */
;(() => {
  const FIRST_WAIT_MS = 500
  const LONGEST_WAIT_MS = 30_000
  /** The server speaks first, at once; what opens and stays silent is a proxy that lets nothing through. */
  const HELLO_WITHIN_MS = 8_000
  /** The server answers a poll within 20 s. */
  const POLL_WITHIN_MS = 30_000
  /** So many sockets without a word, and it is tried without one. */
  const GIVE_UP_AFTER = 2
  /** Where sockets did not get through they are tried again this much later: the phone may be in another network. */
  const SOCKET_AGAIN_MS = 120_000
  /** What came is answered at least this often; the server sends no more than it knows to fit on the way. */
  const ANSWER_CHARS = 16 * 1024
  /** What came while the page slept is read by then. */
  const LOOK_AGAIN_MS = 1_000
  const OPEN = 1
  /** Bytes in the answer to a poll. */
  const BYTES_BEGIN = 'base64,'

  /**
   * @param {LineOptions} options
   * @returns {HoneycabLine}
   */
  function openLine({ path, makeSocket, fetch, clock, fraction, onMessage, onState, view, onBegin }) {
    /** @type {string | null} */
    let stream = null
    /** What part of its subject the page last said that it shows. @type {string | null} */
    let seen = null
    /** The number of the newest message. */
    let last = 0
    /** @type {WebSocket | null} */
    let socket = null
    /** @type {AbortController | null} */
    let poll = null
    let isLive = false
    let isOver = false
    let failures = 0
    /** Sockets in a row that never said anything. */
    let mute = 0
    let muteSinceMs = 0
    /** Whether it may have been the whole network or the server that was away, and not only sockets. */
    let inDoubt = true
    let heardAtMs = clock.nowMs()
    /** How often the server beats; null while it has not said that it does. @type {number | null} */
    let beatMs = null
    let unanswered = 0
    /** @type {(() => void) | undefined} */
    let cancelNext
    /** @type {(() => void) | undefined} */
    let cancelWatch

    function address() {
      seen = view?.() ?? null
      const added = [
        ...(stream === null ? [] : [`stream=${encodeURIComponent(stream)}&after=${last}`]),
        ...(seen === null ? [] : [`view=${encodeURIComponent(seen)}`]),
      ]
      if (added.length === 0) return path
      return `${path}${path.includes('?') ? '&' : '?'}${added.join('&')}`
    }

    /** @param {string} name @param {number} n */
    function goOn(name, n) {
      if (name !== stream) onBegin?.()
      stream = name
      last = n
    }

    function connect() {
      cancelNext?.()
      cancelNext = undefined
      if (isOver || socket !== null || poll !== null) return
      const isBlocked = mute >= GIVE_UP_AFTER && clock.nowMs() - muteSinceMs < SOCKET_AGAIN_MS
      if (isBlocked) ask()
      else openSocket()
    }

    function openSocket() {
      const opened = makeSocket(address())
      socket = opened
      opened.binaryType = 'arraybuffer'
      let hasSpoken = false
      cancelWatch?.()
      cancelWatch = clock.after(HELLO_WITHIN_MS, () => gone(1006))
      opened.addEventListener('message', (event) => {
        if (socket !== opened) return
        if (!hasSpoken) {
          hasSpoken = true
          mute = 0
          up()
          watch(opened)
        }
        receive(event.data)
      })
      opened.addEventListener('close', (event) => gone(event.code))

      /** @param {number} code */
      function gone(code) {
        if (socket !== opened) return
        if (!hasSpoken) {
          mute += 1
          muteSinceMs = clock.nowMs()
          // It was only tried again: polls go on as before.
          if (isLive) {
            socket = null
            cancelWatch?.()
            opened.close()
            return connect()
          }
        }
        // 1008 and our own 4xxx mean "not for you" or "this is over": asking again would get the same answer.
        letGo(code === 1008 || (code >= 4000 && code < 5000))
      }
    }

    /** Once it is silent for longer than the server ever is, it is looked at once more, since what came may still wait to be read. @param {WebSocket} opened @param {number} [suspectedAtMs] */
    function watch(opened, suspectedAtMs) {
      cancelWatch?.()
      if (beatMs === null || socket !== opened) return
      const isSilent = clock.nowMs() - heardAtMs > 2 * beatMs
      if (isSilent && suspectedAtMs === heardAtMs) return letGo(false)
      cancelWatch = clock.after(isSilent ? Math.min(beatMs / 4, LOOK_AGAIN_MS) : beatMs / 2, () =>
        watch(opened, isSilent ? heardAtMs : undefined),
      )
    }

    async function ask() {
      const asking = new AbortController()
      poll = asking
      const cancel = clock.after(POLL_WITHIN_MS, () => asking.abort())
      try {
        const response = await fetch(address(), {
          headers: { accept: 'application/json' },
          signal: asking.signal,
          cache: 'no-store',
        })
        const answer = response.ok ? await response.json() : null
        if (poll !== asking) return
        poll = null
        if (answer === null) return letGo(response.status >= 400 && response.status < 500)
        if (answer.stream !== stream) goOn(answer.stream, answer.n - answer.messages.length)
        up()
        for (const message of answer.messages) {
          receive(message.startsWith(BYTES_BEGIN) ? bytesOf(message.slice(BYTES_BEGIN.length)) : message)
          // It did not fit to what was there, and all of it is asked for anew.
          if (!isLive) return
        }
        // The server is there: if a socket still does not get through now, it is sockets that do not.
        if (inDoubt) mute = GIVE_UP_AFTER - 1
        inDoubt = false
        connect()
      } catch {
        if (poll !== asking) return
        poll = null
        letGo(false)
      } finally {
        cancel()
      }
    }

    function up() {
      failures = 0
      heardAtMs = clock.nowMs()
      if (!isLive) onState({ live: true, final: false, silentMs: 0 })
      isLive = true
    }

    /** The line is gone; the next one comes after a random, growing time, or never. @param {boolean} final */
    function letGo(final) {
      const had = socket
      socket = null
      cancelWatch?.()
      had?.close()
      isLive = false
      inDoubt = true
      if (isOver) return
      isOver = final
      onState({ live: false, final, silentMs: clock.nowMs() - heardAtMs })
      if (final) return
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
      failures += 1
      cancelNext?.()
      cancelNext = clock.after(longest / 2 + fraction() * longest, connect)
    }

    /** @param {string | ArrayBuffer} data */
    function receive(data) {
      heardAtMs = clock.nowMs()
      const isText = typeof data === 'string'
      const message = isText && data.startsWith('{') ? JSON.parse(data) : data
      if (message.type === 'stream') {
        goOn(message.stream, message.n)
        beatMs = message.beatMs
        if (socket !== null) watch(socket)
        sayView()
        return
      }
      if (message.type === 'beat') return answer()
      const n = numberOf(message)
      // What bears no number belongs to this line alone, such as the answer to a position, or is told to many at once.
      if (n > 0) {
        unanswered += isText ? data.length : data.byteLength
        if (n <= last) return
        if (n > last + 1) return begin()
        last = n
      }
      if (onMessage(message) === false) return begin()
      if (unanswered >= ANSWER_CHARS) answer()
    }

    /** Something is missing, which should not be: all of it anew. */
    function begin() {
      stream = null
      last = 0
      letGo(false)
    }

    /** On an open socket; one that opens later says it in its address, or when it is greeted. */
    function sayView() {
      const now = view?.() ?? null
      if (now === null || now === seen || socket?.readyState !== OPEN) return
      seen = now
      socket.send(JSON.stringify({ type: 'view', view: now }))
    }

    function answer() {
      unanswered = 0
      if (socket?.readyState === OPEN && stream !== null) socket.send(`{"type":"here","n":${last}}`)
    }

    connect()
    return {
      /** False while no socket is open. */
      send(message) {
        if (!isLive || socket?.readyState !== OPEN) return false
        socket.send(message)
        return true
      },
      /** The network is back, or another one: without waiting. */
      now() {
        if (isLive) return
        failures = 0
        mute = Math.min(mute, GIVE_UP_AFTER - 1)
        connect()
      },
      /** There is no network. */
      cut() {
        poll?.abort()
        poll = null
        if (socket !== null || isLive) letGo(false)
      },
      /** What the page shows of its subject is another part now. */
      viewed() {
        if (socket !== null) sayView()
        else if (poll !== null) {
          // The one that waits asks for what was looked at before.
          const former = poll
          poll = null
          former.abort()
          connect()
        }
      },
      /** Somebody looks at the page again, whose timers may have slept. */
      look() {
        if (socket !== null && isLive) watch(socket)
      },
    }
  }

  /** The number of a message; 0 of one that has none. @param {string | ArrayBuffer | { n?: number }} message */
  function numberOf(message) {
    if (typeof message === 'string') return Number(/<!--(\d+)-->$/.exec(message)?.[1] ?? 0)
    return message instanceof ArrayBuffer ? new DataView(message).getUint32(4, true) : (message.n ?? 0)
  }

  /** @param {string} base64 */
  function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer
  }

  Object.assign(globalThis, { HoneycabLine: { openLine } })
})()
