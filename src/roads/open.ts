/** The road engine that the environment names, or none. */
import type { Clock } from '../io/clock.ts'
import { type Config, ConfigError } from '../io/config.ts'
import type { Outgoing } from '../io/outgoing.ts'
import type { RoutingProvider } from './provider.ts'
import { HOW_TO_INSTALL, tilesIn } from './valhalla/build-tiles.ts'
import { valhallaByUrl } from './valhalla/by-url.ts'
import { isInstalled, valhallaFromTiles } from './valhalla/from-tiles.ts'

/** @throws ConfigError where tiles are named that cannot be used: it would show much later, as worse times */
export async function openRouting(
  { valhallaUrl, valhallaTiles }: Pick<Config, 'valhallaUrl' | 'valhallaTiles'>,
  { outgoing, clock }: { outgoing: Outgoing; clock: Clock },
): Promise<RoutingProvider | null> {
  if (valhallaUrl !== null) return valhallaByUrl(valhallaUrl, outgoing)
  if (valhallaTiles === null) return null
  const wrong = (message: string) => new ConfigError([{ variable: 'VALHALLA_TILES', message }])
  if (!isInstalled()) throw wrong(HOW_TO_INSTALL)
  if ((await tilesIn(valhallaTiles)) === 0)
    throw wrong(`expected a folder with routing tiles, got "${valhallaTiles}"`)
  return valhallaFromTiles(valhallaTiles, clock)
}
