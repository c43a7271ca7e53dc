/** What each side's page shows of the messages: names as that side may know them. */
import type { ChatProps } from '../../views/chat/props.ts'
import type { ChatSide } from '../io/tables/chat.ts'
import { firstName, type LoadedRide, shortName } from '../rides/rides.ts'
import type { Chat, Message } from './chat.ts'

/** What is said most, so that nobody types while driving or standing in the rain. */
const CANNED: Record<ChatSide, readonly string[]> = {
  rider: ['I’m on my way down', 'I’m at the entrance', 'I don’t see you yet'],
  driver: ['I’m here', 'Two minutes away', 'Where exactly are you?'],
  desk: ['Your driver is at the pickup', 'Traffic is heavy, a few minutes more', 'We are looking into it'],
}

/** @param facts.driverName of the driver who has the ride now */
export function chatProps(
  chat: Chat,
  ride: LoadedRide,
  facts: { readonly driverName: string | null; readonly key: () => string },
): ChatProps {
  const { side } = chat
  const nameOf = (of: ChatSide, driverName: string | null): string => {
    if (of === 'desk') return 'Dispatcher'
    if (of === 'rider') return side === 'desk' ? ride.rider_name : firstName(ride.rider_name)
    return driverName === null ? 'Driver' : side === 'desk' ? driverName : shortName(driverName)
  }
  const message = (said: Message) => ({
    seq: said.seq,
    isMine: said.side === side,
    who: nameOf(said.side, said.driverName),
    text: said.text,
    sentAtMs: said.sentAtMs,
    isRead: said.seq <= chat.readByOthers,
    isReported: said.isReported,
    mayReport: side !== 'desk' && said.side !== side && said.side !== 'desk',
  })
  return {
    action: `${side === 'rider' ? '' : side === 'driver' ? '/driver' : '/board'}/rides/${ride.id}/messages`,
    title: titleFor(side, { rider: nameOf('rider', null), driver: nameOf('driver', facts.driverName) }, ride),
    messages: chat.messages.map(message),
    unread: chat.unread,
    presence: presenceOf(chat, (of) => nameOf(of, facts.driverName)),
    canned: CANNED[side],
    isClosed: chat.isClosed,
    key: facts.key,
  }
}

function titleFor(side: ChatSide, names: { rider: string; driver: string }, ride: LoadedRide): string {
  if (side === 'driver') return `Message ${names.rider}`
  if (side === 'rider') return ride.driver_id === null ? 'Message the dispatcher' : `Message ${names.driver}`
  return ride.driver_id === null ? `Message ${names.rider}` : `Message ${names.rider} and ${names.driver}`
}

/** Who types comes before who only looks. */
function presenceOf({ typing, here }: Chat, nameOf: (side: ChatSide) => string): string | null {
  const typist = typing[0]
  if (typist !== undefined) return `${nameOf(typist)} is typing…`
  return here.length === 0
    ? null
    : `${here.map(nameOf).join(' and ')} ${here.length === 1 ? 'has' : 'have'} this open`
}
