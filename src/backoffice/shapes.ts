/** The company file: everything a taxi company is made of, as one JSON document. */
import { bbox } from '@turf/turf'
import { z } from 'zod'
import { ATTRIBUTES } from '../engine/attributes.ts'
import { isDay } from '../engine/day.ts'
import { POLICY_KINDS } from '../engine/decide.ts'
import { VEHICLE_CLASSES, type VehicleClass } from '../engine/units.ts'
import { promoShape } from '../fares/promo-shape.ts'
import { fileRules, plainTariff } from '../fares/tariff-shape.ts'
import { ROLES } from '../io/tables/accounts.ts'
import { type Area, areaShape } from './area.ts'
import { firstGap, policyHoursShape } from './policy-hours-shape.ts'
import { surgeShape } from './surge-shape.ts'
import { isInRegion, zoneShape } from './zone-shape.ts'

const SLUG = { error: 'should be small letters, digits and hyphens, such as "harbour"' }
const text = (most: number) => z.string().trim().min(1).max(most)
const whole = (least: number, most: number) => z.int().min(least).max(most)
const between = (least: number, most: number) => z.number().min(least).max(most)

const currency = z.string().refine((code) => Intl.supportedValuesOf('currency').includes(code), {
  error: 'should be a currency of ISO 4217, such as "USD"',
})
const timeZone = z.string().refine(isTimeZone, { error: 'should be a time zone, such as "America/New_York"' })
export const localeShape = z
  .string()
  .refine(isLocale, { error: 'should be a language and country, such as "en-US"' })
  .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag)
export const hostShape = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, {
    error: 'should be a host name alone, such as "cabs.example.org"',
  })
/** As people read it off the car: one spelling, so that nobody has one car twice. */
export const plateShape = text(16).transform((plate) => plate.replace(/\s+/g, ' ').toUpperCase())
export const emailShape = z.string().trim().toLowerCase().max(254).pipe(z.email())
export const callSignShape = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,11}$/, { error: 'should be up to 12 letters, digits and hyphens' })

const company = z.strictObject({
  slug: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, SLUG),
  name: text(120),
  currency,
  timeZone,
  locale: localeShape,
  phone: text(40).nullable().default(null),
  /**
   * Whether its drivers need an approved licence to drive. A new company's are checked unless it says otherwise; left
   * out, one that exists keeps what it has.
   */
  licences: z.enum(['checked', 'not_checked']).optional(),
  /** Needed once several companies share one Honeycab: whose page it is follows from the address. */
  host: hostShape.nullable().default(null),
})

/** Rules left out: those that the class has stay. */
const tariff = z.strictObject({ ...plainTariff, rules: fileRules.optional() })
export type TariffEntry = z.infer<typeof tariff>

const tariffs = z
  .strictObject(
    Object.fromEntries(VEHICLE_CLASSES.map((name) => [name, tariff.optional()])) as Record<
      VehicleClass,
      z.ZodOptional<typeof tariff>
    >,
  )
  .refine((prices) => Object.keys(prices).length > 0, { error: 'should price a class of cars' })

/** Riders may share a car for a lower price; without it they do not. */
const sharing = z.strictObject({
  seats: whole(2, 16).default(4),
  detourS: whole(60, 7_200).default(600),
  waitS: whole(60, 7_200).default(600),
  discountBasisPoints: whole(0, 9_000).default(2_000),
})

/** What it does not say is as in the region's own policy. */
const shadowShape = z
  .strictObject({
    policy: z.enum(POLICY_KINDS).optional(),
    radiusM: whole(100, 100_000).optional(),
    candidates: whole(1, 64).optional(),
    /** A driver counts as soon free from so many seconds before the drop-off; 0: not before it. */
    soonFreeWithinS: whole(0, 600).optional(),
    /** Seconds of a rider's time that a driver's idling may cost at most. */
    idleWorthS: whole(0, 300).optional(),
  })
  .refine((policy) => Object.keys(policy).length > 0, { error: 'should differ from the region in something' })

const region = z
  .strictObject({
    slug: z.string().regex(/^[a-z0-9-]{1,40}$/, SLUG),
    name: text(120),
    /** The company's, unless said. */
    timeZone: timeZone.optional(),
    center: z.strictObject({ lat: between(-90, 90), lng: between(-180, 179.999_999_9) }),
    zoom: whole(3, 18).default(13),
    area: areaShape,
    // Fitted to rides in New York: road over straight distance, and metres of road a second with all stops.
    circuity: between(1, 5).default(1.3),
    speedMps: between(1, 60).default(5.1),
    policy: z.enum(POLICY_KINDS).default('batch'),
    batchWindowMs: whole(0, 60_000).default(1000),
    radiusM: whole(100, 100_000).default(2500),
    candidates: whole(1, 64).default(16),
    offerTtlS: whole(5, 600).default(15),
    unfulfilledAfterS: whole(30, 86_400).default(600),
    sharing: sharing.nullable().default(null),
    /** Whether idle drivers are told where it is busier. */
    idleHints: z.boolean().default(true),
    /** How long a driver may drive between two rests; null: nobody counts. */
    driveLimitS: whole(3_600, 86_400).nullable().default(null),
    /** How long off duty in one go is a rest. */
    restS: whole(3_600, 86_400).default(28_800),
    /** Whom to call for help, as it is dialled there. */
    emergencyNumber: z
      .string()
      .regex(/^[0-9+ ]{2,20}$/)
      .default('112'),
    /** How far ahead rides may be booked; 0: not at all. */
    bookAheadDays: whole(0, 90).default(30),
    /** How long before its pickup a booked ride goes to the matcher at the latest. */
    leadFloorS: whole(60, 2_700).default(600),
    /** A ride goes to a nearer car before its pickup where that wins so many seconds; null: never. */
    swapGainS: whole(30, 3_600).nullable().default(null),
    /** Another policy that each tick is decided by too, for comparison only; null: none. */
    shadowPolicy: shadowShape.nullable().default(null),
    /** What busy places add to prices; null: nothing. Left out, a region keeps what it has. */
    surge: surgeShape.nullable().optional(),
    /** Other policies at some hours of the week. Left out, a region keeps those it has; an empty list has none. */
    policyHours: policyHoursShape.optional(),
    /** Every minute of the week must be in a window; else the region's own policy counts between them. */
    policyHoursCoverWeek: z.boolean().default(false),
    zones: z.array(zoneShape).max(200).default([]),
    tariffs,
  })
  .refine(({ area, center }) => isWithinBounds(area, center), {
    path: ['center'],
    error: 'lies outside the area (whose points have the longitude first)',
  })
  .superRefine(({ area, zones, policyHours, policyHoursCoverWeek }, context) => {
    // Polygons that are wrong by themselves cannot be compared.
    const isDrawn = !context.issues.some(({ path }) => path?.[0] === 'area' || path?.[0] === 'zones')
    for (const [n, zone] of zones.entries())
      if (isDrawn && !isInRegion(zone.area, area))
        context.addIssue({
          code: 'custom',
          path: ['zones', n, 'area'],
          message: 'lies outside the area of its region',
        })
    const gap = policyHoursCoverWeek ? firstGap(policyHours ?? []) : null
    if (gap !== null)
      context.addIssue({
        code: 'custom',
        path: ['policyHours'],
        message: `has no policy from ${gap}, and policyHoursCoverWeek wants one`,
      })
  })
export type RegionEntry = z.infer<typeof region>

const vehicle = z.strictObject({
  plate: plateShape,
  class: z.enum(VEHICLE_CLASSES),
  seats: whole(1, 16),
  makeModel: text(60),
  colour: text(30),
  /** What it has for who needs it; left out, a car of the accessible class takes a wheelchair, and others have nothing. */
  has: z.array(z.enum(ATTRIBUTES)).max(ATTRIBUTES.length).optional(),
})

const instant = z.iso
  .datetime({ offset: true, error: 'should be an instant, such as "2027-01-01T00:00:00-05:00"' })
  .transform((text) => Date.parse(text))

/** A code in a file: instants as text. `closed` ends one. */
const promoEntry = z
  .strictObject({
    code: z.string(),
    offMinor: z.number().optional(),
    offBasisPoints: z.number().optional(),
    mostMinor: z.number().optional(),
    startsAt: instant.optional(),
    endsAt: instant.optional(),
    usesMost: z.number().optional(),
    budgetMinor: z.number().optional(),
    closed: z.boolean().default(false),
  })
  .transform(({ startsAt, endsAt, closed, ...rest }, context) => {
    const read = promoShape.safeParse({ ...rest, startsAtMs: startsAt ?? null, endsAtMs: endsAt ?? null })
    if (read.success) return { ...read.data, closed }
    context.issues.push(...read.error.issues.map((issue) => ({ ...issue, input: rest }) as never))
    return z.NEVER
  })
export type PromoEntry = z.infer<typeof promoEntry>

const day = z.string().refine(isDay, { error: 'should be a day, such as "2030-04-12"' })

/** What a company vouches for, so that its drivers can drive at once; without it they hand in theirs. */
const licence = z
  .strictObject({
    number: text(40).min(2),
    country: z.string().regex(/^[A-Z]{2}$/, { error: 'should be a country of ISO 3166, such as "US"' }),
    expiresOn: day,
    /** The person's name, unless said. */
    legalName: text(120).optional(),
    state: text(60).nullable().default(null),
    classes: text(60).nullable().default(null),
    issuedOn: day.nullable().default(null),
  })
  .refine(({ issuedOn, expiresOn }) => issuedOn === null || issuedOn <= expiresOn, {
    path: ['expiresOn'],
    error: 'should not be before issuedOn',
  })

const person = z.strictObject({
  name: text(120),
  email: emailShape,
  /** None: somebody who rides. */
  roles: z.array(z.enum(ROLES)).default([]),
  /** For drivers: what the desk calls them, and the cars they may take out. */
  callSign: callSignShape.optional(),
  vehicles: z.array(plateShape).default([]),
  licence: licence.optional(),
})
export type PersonEntry = z.infer<typeof person>

export const companyFileShape = z.strictObject({
  company,
  regions: z.array(region).min(1, { error: 'should have a region' }).max(100),
  /** Codes that riders type for something off; one that is there already stays as it is. */
  promos: z
    .array(promoEntry)
    .max(200)
    .refine((promos) => new Set(promos.map(({ code }) => code)).size === promos.length, {
      error: 'names a code twice',
    })
    .default([]),
  vehicles: z.array(vehicle).max(10_000).default([]),
  people: z.array(person).max(10_000).default([]),
})
export type CompanyFile = z.infer<typeof companyFileShape>

/** Whether a time zone goes by this name. */
export function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 would pass too, and be wrong half of the year.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf([tag]).length === 1
  } catch {
    return false
  }
}

/** A rough look that finds swapped degrees; the middle of a bay may well lie beside its shores. */
function isWithinBounds(area: Area, { lat, lng }: { lat: number; lng: number }): boolean {
  const [west, south, east, north] = bbox(area)
  return lng >= west! && lng <= east! && lat >= south! && lat <= north!
}
