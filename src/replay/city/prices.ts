/** The demo's prices: near what New York's cabs charge, with the rules a newcomer should see at work. */
import { PLAIN_RULES, type TariffRules } from '../../engine/tariff.ts'
import type { VehicleClass, ZoneId } from '../../engine/units.ts'
import type { ZoneArea } from '../../engine/zone.ts'

const TARIFF = {
  currency: 'USD',
  // New York State and City sales tax with the MCTD surcharge, 8.875 %.
  tax_basis_points: 888,
  tax_label: 'New York sales tax',
  cancel_fee_minor: 500,
  cancel_free_s: 120,
  no_show_fee_minor: 700,
  no_show_after_s: 180,
  driver_share_basis_points: 8000,
}
/** Near what New York's cabs, accessible vans and black cars charge. */
const PRICES: Record<VehicleClass, Record<`${string}_minor`, number>> = {
  standard: price({ base: 300, booking: 150, perKm: 160, perMinute: 50, minimum: 800 }),
  accessible: price({ base: 300, booking: 150, perKm: 160, perMinute: 50, minimum: 800 }),
  black: price({ base: 800, booking: 250, perKm: 265, perMinute: 85, minimum: 1800 }),
}

function price(of: { base: number; booking: number; perKm: number; perMinute: number; minimum: number }) {
  return {
    base_minor: of.base,
    booking_fee_minor: of.booking,
    per_km_minor: of.perKm,
    per_minute_minor: of.perMinute,
    minimum_minor: of.minimum,
  }
}

/** Where New York takes its toll for the inner city, drawn along 60th Street and out over the rivers. */
export const INNER_CITY: { readonly slug: string; readonly name: string; readonly area: ZoneArea } = {
  slug: 'south-of-60th',
  name: 'South of 60th Street',
  area: {
    type: 'Polygon',
    coordinates: [
      [
        [-74.03, 40.7871],
        [-74.03, 40.69],
        [-73.95, 40.69],
        [-73.95, 40.7559],
        [-74.03, 40.7871],
      ],
    ],
  },
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
const HOUR = 60
/** As New York's meter has it: more in the evening rush of working days, a little more at night, a toll downtown. */
function rulesWith(innerCity: ZoneId): TariffRules {
  const plain = { factorBasisPoints: 10_000, holidays: false }
  return {
    ...PLAIN_RULES,
    schedule: [
      {
        ...{ ...plain, name: 'Rush hour', weekdays: [1, 2, 3, 4, 5], addMinor: 250 },
        ...{ fromMinute: 16 * HOUR, untilMinute: 20 * HOUR },
      },
      {
        ...{ ...plain, name: 'Overnight', weekdays: EVERY_DAY, holidays: true, addMinor: 100 },
        ...{ fromMinute: 20 * HOUR, untilMinute: 6 * HOUR },
      },
    ],
    holidays: [
      '2026-11-26',
      '2026-12-25',
      '2027-01-01',
      '2027-05-31',
      '2027-07-05',
      '2027-09-06',
      '2027-11-25',
    ],
    zones: [
      { kind: 'fee', zone: innerCity, at: 'either', name: 'Inner city toll', rank: 0, amountMinor: 75 },
    ],
  }
}

/** The tariff in force of each class, and a draft of one: its preview has the city's own rides to show. */
export function demoTariffs(innerCity: ZoneId, at: Date) {
  const rules = rulesWith(innerCity)
  const inForce = (Object.keys(PRICES) as VehicleClass[]).map((vehicleClass) => ({
    ...{ class: vehicleClass, version: 1, effective_from: at, state: 'published' },
    ...{ ...TARIFF, ...PRICES[vehicleClass], rules: JSON.stringify(rules), created_at: at },
  }))
  const dearer: TariffRules = { ...rules, waiting: { graceS: 120, perMinuteMinor: 40, mostMinor: null } }
  const draft = {
    ...{ class: 'standard', version: null, effective_from: null, state: 'draft' },
    ...{ ...TARIFF, ...PRICES.standard, base_minor: 350, rules: JSON.stringify(dearer), created_at: at },
  }
  return [...inForce, draft]
}
