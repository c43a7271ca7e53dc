/** Every table of the database, by name; Kysely checks queries against it. */
import type { AccountTables } from './tables/accounts.ts'
import type { JoiningTables } from './tables/joining.ts'
import type { OfficeTables } from './tables/office.ts'
import type { PlacesTables } from './tables/places.ts'
import type { RideTables } from './tables/rides.ts'

export interface Tables extends AccountTables, JoiningTables, OfficeTables, PlacesTables, RideTables {}
