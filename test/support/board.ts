/** A desk's cars as a test sees them: the page's own picture, fed with what came by socket or poll. */
import '../../public/board-picture.js'
import { BYTES_BEGIN } from '../../src/io/poll.ts'

/** All of Manhattan at a zoom where single cars are shown; for the end of the board's live address. */
export const WHOLE_CITY = 'view=40.60000,-74.10000,40.90000,-73.80000,13.00'

/** The bytes of a binary message as tests and polls keep it; null of any other. */
export function bytesOf(message: string): ArrayBuffer | null {
  return message.startsWith(BYTES_BEGIN)
    ? Uint8Array.fromBase64(message.slice(BYTES_BEGIN.length)).buffer
    : null
}

/** What these messages changed on a map, one after the other, and what it shows in the end. */
export function pictureOf(messages: readonly string[]): {
  readonly picture: HoneycabBoardPicture
  readonly changes: readonly BoardChange[]
} {
  const picture = new HoneycabBoardPicture()
  const changes: BoardChange[] = []
  for (const message of messages) {
    const bytes = bytesOf(message)
    const change = bytes === null ? null : picture.apply(bytes)
    if (change !== null) changes.push(change)
  }
  return { picture, changes }
}
