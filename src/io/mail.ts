/** Mail leaves by this door: one SMTP server, named in the configuration. */
import { createTransport } from 'nodemailer'

export interface Mail {
  /** The same for every try of one letter, so that a mailbox can tell a second copy. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** `never`: the server will not take this letter however often it is tried. */
export class MailRefusal extends Error {
  override name = 'MailRefusal'
  readonly never: boolean

  constructor(message: string, never: boolean) {
    super(message)
    this.never = never
  }
}

export interface Mailer {
  /** @throws MailRefusal when the server does not take it, or does not answer */
  send(mail: Mail): Promise<void>
}

export interface MailerOptions {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
  readonly smtpUrl: string
  /** An address, or `Name <address>`. */
  readonly from: string
}

const CONNECT_MS = 8_000
const GREETING_MS = 8_000
const SILENCE_MS = 10_000
/** However slowly a server trickles, a letter is given up after this; see the lease in `post.ts`. */
const DEADLINE_MS = 20_000
/** Kept with the letter and shown to administrators. */
const LONGEST_MESSAGE = 300

export function smtpMailer({ smtpUrl, from }: MailerOptions): Mailer {
  const host = from.replace(/^.*@|>.*$/g, '')
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
    // A letter is text of ours: nothing in it may make the library read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ id, to, subject, text, html }) {
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error('The mail server took too long.')), DEADLINE_MS)
      const sending = transport.sendMail({
        from,
        // An object, so that an address is never read as a list of them.
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${id}@${host}>`,
        // Out-of-office answers to a machine help nobody.
        headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' },
      })
      try {
        await Promise.race([sending, late.promise])
      } catch (error) {
        sending.catch(() => {})
        throw refusalOf(error)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function refusalOf(error: unknown): MailRefusal {
  const {
    message = 'The mail server did not answer.',
    code,
    responseCode,
  } = error as {
    message?: string
    code?: string
    responseCode?: number
  }
  // 5xx to the envelope is an answer about this address; to the sign-in it is one about our configuration.
  const never = code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500
  return new MailRefusal(message.slice(0, LONGEST_MESSAGE), never)
}
