/** The messages of a ride as the API tells them. */
import type { Chat } from './chat.ts'

/** Who drove is named by the ride; a message says only which side spoke. */
export function chatJson({ messages, unread, readByOthers, isClosed }: Chat) {
  return {
    messages: messages.map(({ seq, side, text, sentAtMs }) => ({ seq, side, text, sentAtMs })),
    ...{ unread, readByOthers, isClosed },
  }
}
