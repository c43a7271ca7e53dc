/** What the messages of a ride are drawn from, on the page of whichever side. */

export interface ChatMessageProps {
  readonly seq: number
  readonly isMine: boolean
  /** Who speaks, as this side may know them: `Amadou D.`, `Rider`, `Dispatcher`. */
  readonly who: string
  readonly text: string
  readonly sentAtMs: number
  /** Of one's own: whether somebody else has read it. */
  readonly isRead: boolean
  readonly isReported: boolean
  readonly mayReport: boolean
}

export interface ChatProps {
  /** Where messages are sent: `/rides/ID/messages`; its parts stand under it. */
  readonly action: string
  /** `Message Amadou`. */
  readonly title: string
  readonly messages: readonly ChatMessageProps[]
  readonly unread: number
  /** Who types now, or has the messages open: `Amadou is typing`; null for nobody. */
  readonly presence: string | null
  /** Answers at one tap. */
  readonly canned: readonly string[]
  readonly isClosed: boolean
  readonly key: () => string
}
