/** The driver's place in a rank's queue: how many are before them, how it moves, and what became of a place lost. */
import { never } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import type { RankProps } from './props.ts'
import { ordinalText, ridesText } from './words.ts'

export function rankCard(ctx: PageContext, rank: RankProps): Html {
  switch (rank.kind) {
    case 'standing':
      return standingCard(ctx, rank)
    case 'full':
      return html`<section id="rank" class="rank rank-quiet">${icon('users')}<div><h2 class="card-title">${rank.zone} is full: ${rank.placesMost} of ${rank.placesMost}</h2><p class="second">Stay here, and you get a place as soon as one is free.</p></div></section>`
    case 'lost':
      return html`<section id="rank" class="rank rank-lost">${icon('info')}<div><h2 class="card-title">No place at ${rank.zone} since ${clock(ctx, rank.atMs)}</h2><p class="second">${LOST[rank.reason]}</p></div></section>`
    default:
      return never(rank)
  }
}

type Standing = Extract<RankProps, { kind: 'standing' }>

function standingCard(ctx: PageContext, props: Standing): Html {
  const { rank, of, zone, outsideRides } = props
  return html`<section id="rank" class="rank" aria-labelledby="rank-title"><p class="rank-figure numbers" aria-hidden="true"><b>${ordinalText(rank)}</b><span class="second">of ${of}</span></p><div><h2 id="rank-title" class="card-title"><span class="screen-reader">You are ${ordinalText(rank)} of ${of} at </span>${zone}${rank === 1 ? html` <span class="rank-next">next</span>` : null}</h2><p class="second">${movesText(ctx, props)}</p><p class="second">${outsideRides ? 'Other rides are offered too; saying no to them costs no place.' : 'Only rides from here, by turn. Drive out for others.'}</p></div></section>`
}

/** How one came to this place, and how quickly it goes here. */
function movesText(ctx: PageContext, { moved, enteredAtMs, enteredAs, ridesLastHour }: Standing): Html {
  const pace =
    ridesLastHour === 0 ? 'no ride in the last hour' : `${ridesText(ridesLastHour)} in the last hour`
  if (moved !== null)
    return html`To the end at ${clock(ctx, moved.atMs)}: ${moved.reason === 'declined' ? 'you declined a ride from here' : 'two offers ran out'} · ${pace}`
  return html`Came as ${ordinalText(enteredAs)} at ${clock(ctx, enteredAtMs)} · ${pace}`
}

const LOST: Record<Extract<RankProps, { kind: 'lost' }>['reason'], string> = {
  left: 'You drove out of it. Drive in again to stand at the end.',
  silent:
    'We had not seen you for a minute and a half. Keep this page open; you stand at the end once we see you there.',
  closed: 'It is out of use. Your dispatcher can say more.',
  off_shift: 'You went offline. Whoever comes back stands at the end.',
}
