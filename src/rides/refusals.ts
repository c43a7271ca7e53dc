/** What a refusal of this slice says to the person who asked, in the words of the product. */
import { seeOther, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'

const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    not_allowed_now: 'The ride has moved on in the meantime, so this was not done. Look at where it is now.',
    driver_busy: 'This driver has another ride by now. Your choice was not used.',
    not_on_shift: 'This driver has gone off shift. Your choice was not used.',
    pooled_ride: 'Others share this car, so it goes where it was promised to all of you.',
    car_not_seen:
      'We do not see the car just now, so nobody can say what is left of the way. Try in a minute.',
    change_pending: 'Your last question is still open. Wait for the answer, or keep the old way first.',
    changed_meanwhile:
      'The ride goes another way by now than this price was made for. Ask for the price anew.',
    asked_enough: 'Ten times is as often as one ride can be changed. Speak with your driver.',
    change_over: 'That question is not open any more. Nothing was changed.',
    change_too_late: 'The time to answer was over before your tap. The ride goes on as it was.',
    cancelled_meanwhile:
      'The ride was cancelled before this reached us. Nothing to drive, and nothing against you.',
    stale_ride: 'This ride changed while you looked at it. Your choice was not used.',
    nothing_changed: 'All of it is as it was already.',
    driver_has_it: 'A driver has this ride: class, seats, needs and time stay. Take it from them first.',
    on_board: 'The rider is on board. They ask for another way on their page, and the driver answers.',
    no_car_near: 'No free car of its class is in reach.',
    nobody_drives: 'Nobody drives this ride now, so nobody was written to.',
    not_shared: 'This rider did not choose to share a car, so the ride goes alone.',
    no_shared_run: 'Nobody shares this car any more. Your choice was not used.',
    plan_changed: 'Somebody got into or out of that car since you looked. Look at what it means now.',
    car_silent: 'Nobody knows where this car is just now, so nobody can say who would be late.',
    no_seat: 'There is no seat left in this car on the way. Your choice was not used.',
    promise_broken: 'Somebody in the car would be later than they were told. Your choice was not used.',
    other_car: 'This car is of another class, or lacks what the ride needs.',
    caller_has_account: 'They have an account of their own: their number is theirs to change, on their page.',
    caller_known: 'Somebody else whom you know has this number. Cancel this ride and book for them instead.',
    merged_no_seat:
      'This car has too few seats for all who were merged. Choose a larger one, or let one of them go alone first.',
    merged_late:
      'From where this car is somebody of those merged would be later than they were told. Choose a nearer one, or let one of them go alone first.',
    merge_one: 'Mark at least one more ride whose rider shares.',
    merge_many: 'Four rides at most go together in one car.',
    merge_unlike: 'They asked for different classes, so no car is right for all of them.',
    merge_no_seat: 'Together they need more seats than riders who share have in a car.',
    merge_too_late: 'In one car somebody would be later than they were told.',
    put_off: 'This ride is put off. Have it asked for again first.',
    not_merged: 'Nothing was changed, for not all that were marked can go together.',
    same_driver: 'This driver has the ride already. Choose another one.',
    not_put_off: 'This ride is not put off any more. Nothing was changed.',
    undo_too_late: 'That was more than ten seconds ago and stands. Do it the other way round by hand.',
    undo_overtaken: 'The ride went on since, so this stands. Nothing was changed.',
    undo_done: 'This was taken back already.',
    fee_changed: 'Cancelling costs more by now than you were shown. Look at the fee again before you decide.',
    chat_closed: 'This ride is over, so there is nobody left to write to here.',
    too_many_booked:
      'You have ten rides booked already. Cancel one of them, or ask for this one when it is time.',
    other_way: 'That price is for another way. Nothing was changed; your search goes on.',
    not_later: 'That price is for a ride now. Ask for one at the time you want.',
    other_region: 'That way begins in another area. Cancel this booking and book anew; both are free.',
    too_late_to_change:
      'It is too late to change this booking for nothing. Cancel it at the fee you are shown, and book anew.',
    too_soon: 'That is too soon to book ahead. For less than 20 minutes from now, ask for a ride now.',
    too_early: 'The free wait is not over yet. The button opens when it is.',
    expired: 'That price ran out. Ask for it again; it takes a second.',
    altered: 'This price was not made by us as it stands. Ask for a new one.',
    already_used: 'You have asked for a ride at this price already.',
    case_too_late: 'This can be told for 30 days after the ride. Call the office about it.',
    rating_too_late: 'A ride can be rated for two weeks.',
    rating_stands: 'A rating can be changed for a day. This one stands.',
    tip_given: 'This ride has its tip already. Thank you.',
    tip_too_late: 'A tip can be given for two weeks after the ride.',
    tip_too_large: 'That is more than a tip can be here. Look at the amount again.',
    code_used_up: 'Somebody else used the last of this code. See the price without it.',
    code_used_by_you: 'You have used this code already. See the price without it.',
    no_longer_fits: 'By now there is no room for this rider on your way. It does not count against you.',
    car_full: 'There is no free seat. Drop off the others first, then take this rider on board.',
    code_wanted: 'Ask the rider for the four digits on their page, and type them in.',
    code_wrong: 'That is not the code of this ride. Check that this is your rider, and ask once more.',
    code_locked: 'Five wrong codes. Only the desk can start this ride now; it has been told.',
    no_code_asked: 'By now no code is asked for this ride. Nothing was changed.',
    too_late:
      'That offer ended before your tap and went on to another driver. It does not count against you.',
    already_ended: 'That offer was over before your tap. It does not count against you.',
    nothing_asked: 'By now nobody asks about this car any more. Nothing was changed.',
    answered_enough: 'You have said so twice. Now only driving on helps; or hand the ride back.',
    off_shift: 'You are off shift. Go online first, on the phone that is to send your position.',
    other_phone:
      'Another phone of yours drives this ride. Press there, or choose “Use this phone” here first. Nothing was changed.',
    run_open: 'Finish or hand back your ride first, then go offline.',
    driver_may_not_drive:
      'This driver may not drive now: there is no valid licence, or driving is turned off. Choose another one.',
    driver_on_break: 'This driver is on a break, and ends it on their own. Choose another one.',
    driver_hours_used: 'This driver has used up their driving hours and has to rest. Choose another one.',
    hours_used: 'Your driving hours are used up. Rest first; the page says from when on you can go online.',
    not_online: 'You are not online, so there is nothing to pause.',
    driver_disabled: 'Your company has turned driving off for you. Ask them about it.',
    driver_held: 'The desk keeps you off the road for now. The page says who and why; speak with them.',
    driver_stopped:
      'You have turned driving off for yourself. Turn it on again under Licence, then go online.',
    licence_missing: 'To drive, your licence has to be approved first. Hand it in under Licence.',
    licence_waiting: 'Your licence is being looked at. You hear from us by mail; then you can go online.',
    licence_rejected: 'Your licence was not approved. See why under Licence, and hand it in again.',
    licence_expired: 'Your licence has run out. Hand in the new one under Licence; you can do that now.',
    not_your_vehicle: 'This car is not on your list. Choose one of yours.',
    vehicle_taken: 'Somebody else is out in this car. Choose another one.',
    on_shift_in_another_vehicle: 'You are online in another car. Go offline there first.',
  }),
)

/** A refusal on its way to the person who asked; what was begun is rolled back. */
export class RefusalProblem extends HttpProblem {
  override name = 'RefusalProblem'
  readonly reason: string
  /** How long ago what was answered had ended, seconds. */
  readonly agoS: number | undefined

  /** @param words instead of the reason's own */
  constructor(reason: string, agoS?: number, words?: string) {
    super(409, words ?? wordsFor(reason, agoS))
    this.reason = reason
    this.agoS = agoS
  }
}

/** Longer ago the seconds say nothing any more. */
const AGO_MOST_S = 120

/**
 * The reason may come from an address, so any text will do.
 * @param agoS how long ago an offer had ended, so that a late tap reads by how much
 */
export function wordsFor(reason: string, agoS?: number): string {
  if (agoS !== undefined && agoS <= AGO_MOST_S) {
    const ended = agoS < 1 ? 'a moment ago' : `${Math.round(agoS)} s ago`
    if (reason === 'too_late')
      return `That offer ended ${ended} and went on to another driver. It does not count against you.`
    if (reason === 'already_ended') return `That offer was over ${ended}. It does not count against you.`
  }
  return WORDS.get(reason) ?? 'This is not possible now. Nothing was changed.'
}

/** 404 for what is not there or not yours, else 409 with the refusal's words; nothing was changed. */
export function refusalProblem(reason: string): HttpProblem {
  return reason === 'not_found' ? notThere() : new RefusalProblem(reason)
}

/** On a driver's page a refusal is told on the page itself, where the next thing to do is. */
export async function orTellDriver(
  web: Pick<WebContext, 'wantsJson'>,
  answer: Promise<Response>,
): Promise<Response> {
  try {
    return await answer
  } catch (error) {
    if (web.wantsJson || !(error instanceof RefusalProblem)) throw error
    const ago = error.agoS === undefined ? '' : `&ago=${Math.round(error.agoS)}`
    return seeOther(`/driver?told=${error.reason}${ago}`)
  }
}
