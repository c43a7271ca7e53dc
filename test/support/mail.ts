/** A mail server that keeps what it is given: as much SMTP as a sender needs to hear. */
import type { Socket } from 'bun'
import { notify } from '../../src/notices/notices.ts'
import type { AppWorld } from './app-world.ts'

export interface CaughtMail {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body as they came over the wire. */
  readonly raw: string
  /** The plain text part, decoded. */
  readonly text: string
  readonly subject: string
}

export interface MailSink {
  readonly url: string
  readonly mails: CaughtMail[]
  /** What to answer to a recipient: null takes it; `550 …` refuses for good, `451 …` for now. */
  answerTo: (address: string) => string | null
  /** From now on connections are taken and nothing is ever said. */
  hush(): void
  stop(): void
}

interface Talk {
  buffered: string
  inData: boolean
  from: string
  to: string[]
}

export function startMailSink(): MailSink {
  let hushed = false
  const listener = Bun.listen<Talk>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { buffered: '', inData: false, from: '', to: [] }
        if (!hushed) socket.write('220 sink ESMTP\r\n')
      },
      data(socket, bytes) {
        socket.data.buffered += Buffer.from(bytes).toString('latin1')
        hear(socket)
      },
    },
  })
  const sink: MailSink = {
    url: `smtp://127.0.0.1:${listener.port}`,
    mails: [],
    answerTo: () => null,
    hush() {
      hushed = true
    },
    stop: () => listener.stop(true),
  }

  function hear(socket: Socket<Talk>): void {
    const talk = socket.data
    for (;;) {
      const end = talk.inData ? '\r\n.\r\n' : '\r\n'
      const at = talk.buffered.indexOf(end)
      if (at === -1) return
      const part = talk.buffered.slice(0, at)
      talk.buffered = talk.buffered.slice(at + end.length)
      socket.write(`${talk.inData ? keep(talk, part) : answer(talk, part)}\r\n`)
    }
  }

  function answer(talk: Talk, line: string): string {
    const address = /<(.*)>/.exec(line)?.[1] ?? ''
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return '250 sink'
      case 'MAIL':
        talk.from = address
        talk.to = []
        return '250 ok'
      case 'RCPT': {
        const refusal = sink.answerTo(address)
        if (refusal === null) talk.to.push(address)
        return refusal ?? '250 ok'
      }
      case 'DATA':
        talk.inData = true
        return '354 go on'
      case 'QUIT':
        return '221 bye'
      default:
        return '250 ok'
    }
  }

  function keep(talk: Talk, body: string): string {
    talk.inData = false
    const raw = body.replaceAll('\r\n..', '\r\n.')
    sink.mails.push({ from: talk.from, to: talk.to, raw, text: textPart(raw), subject: subjectOf(raw) })
    return '250 kept'
  }

  return sink
}

function textPart(raw: string): string {
  const part = /content-type: text\/plain[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/i.exec(raw)
  const head = part?.[0].split('\r\n\r\n')[0] ?? ''
  const body = part?.[1] ?? ''
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString()
  if (/quoted-printable/i.test(head)) return fromQuoted(body.replaceAll('=\r\n', ''))
  return body
}

function fromQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

/** Unfolded, and its encoded words read. */
function subjectOf(raw: string): string {
  const folded = /^subject: (.*(?:\r\n[ \t].*)*)/im.exec(raw)?.[1] ?? ''
  return folded
    .replace(/\r\n[ \t]/g, ' ')
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString()
        : fromQuoted(word.replaceAll('_', ' ')),
    )
}

/** A letter in the outbox of a running app; its id. */
export async function keptLetter(
  world: Pick<AppWorld, 'db' | 'clock' | 'random' | 'post'>,
  letter = { to: 'nobody@x.example', name: 'Nobody Known', link: '/verify/a-token' },
): Promise<string> {
  const { to, name, link } = letter
  await world.db.transaction().execute((db) =>
    notify({ db, atMs: world.clock.nowMs() }, world.random, {
      ...{ kind: 'verify_email' as const, to, identityId: null },
      data: { name, link, hours: 24 },
    }),
  )
  await world.post.deliver()
  const row = await world.db
    .selectFrom('notices')
    .select('id')
    .where('address', '=', to)
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow()
  return row.id
}
