/** The parts of the board that every desk of a region has in common, read at once. */
import type { LanesProps } from '../../views/board/lanes.ts'
import { newAnswers } from '../chat/desk-messages.ts'
import type { Companies, Region } from '../companies/companies.ts'
import type { RideId } from '../engine/units.ts'
import { areasIn } from './areas.ts'
import { untakenNotes } from './handover.ts'
import { type BoardDeps, readBoard } from './read.ts'
import { readSafetyLane } from './safety.ts'
import { readZones } from './zones.ts'

export async function readLanes(
  deps: BoardDeps & { readonly companies: Companies },
  region: Region,
  selectedRideId: RideId | null = null,
): Promise<LanesProps> {
  const [board, zones, safety, answers, notes] = await Promise.all([
    readBoard(deps, region, selectedRideId),
    readZones(deps, region),
    readSafetyLane(deps, region),
    newAnswers(deps.db, { companyId: region.companyId, regionId: region.id }),
    untakenNotes(deps.db, { companyId: region.companyId, regionId: region.id }),
  ])
  const areas = areasIn(deps, region.id)
  const cards = board.queue.cards.map((card) =>
    card.pickup === undefined ? card : { ...card, area: areas.areaOf(card.pickup) },
  )
  return { ...board, queue: { ...board.queue, cards }, zones, safety, answers: answers.length, notes }
}
