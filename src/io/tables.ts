/** Every table of the database, by name; Kysely checks queries against it. */
import type { AccountTables } from './tables/accounts.ts'
import type { AftercareTables } from './tables/aftercare.ts'
import type { AskingTables } from './tables/asking.ts'
import type { ChatTables } from './tables/chat.ts'
import type { DemandTables } from './tables/demand.ts'
import type { DeskTables } from './tables/desk.ts'
import type { DeskActTables } from './tables/desk-acts.ts'
import type { FactorTables } from './tables/factors.ts'
import type { FareTables } from './tables/fares.ts'
import type { ImportTables } from './tables/imports.ts'
import type { JoiningTables } from './tables/joining.ts'
import type { LicenceTables } from './tables/licences.ts'
import type { OfficeTables } from './tables/office.ts'
import type { PlacesTables } from './tables/places.ts'
import type { PrivacyTables } from './tables/privacy.ts'
import type { RideTables } from './tables/rides.ts'
import type { RidingTables } from './tables/riding.ts'
import type { RoadTables } from './tables/roads.ts'
import type { SessionTables } from './tables/sessions.ts'
import type { SurgeTables } from './tables/surge.ts'
import type { TraceTables } from './tables/trace.ts'
import type { WatchingTables } from './tables/watching.ts'
import type { WayTables } from './tables/ways.ts'
import type { ZoneTables } from './tables/zones.ts'

export interface Tables
  extends AccountTables,
    AftercareTables,
    AskingTables,
    ChatTables,
    DemandTables,
    DeskActTables,
    DeskTables,
    FactorTables,
    FareTables,
    ImportTables,
    JoiningTables,
    LicenceTables,
    OfficeTables,
    PlacesTables,
    PrivacyTables,
    RideTables,
    RidingTables,
    RoadTables,
    SessionTables,
    SurgeTables,
    WatchingTables,
    TraceTables,
    WayTables,
    ZoneTables {}
