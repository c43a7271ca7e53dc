/** A company out of a few answers: the file that `company FILE.json` would take, with the usual for the rest. */
import { z } from 'zod'
import type { LatLng } from '../engine/units.ts'

/** A decimal with a point, as a number box sends it. */
const decimal = (least: number, most: number, words: string) =>
  z
    .string()
    .trim()
    .max(20)
    .refine((text) => /^-?\d+(\.\d{1,6})?$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: words,
    })
    .transform(Number)
const line = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .refine((text) => text !== '', { error: 'This field is needed.' })

export const essentialsForm = z.strictObject({
  name: line(120),
  slug: line(40),
  currency: line(3).transform((text) => text.toUpperCase()),
  time_zone: line(60),
  locale: line(35),
  phone: z.string().trim().max(40).default(''),
  lat: decimal(-85, 85, 'A latitude, such as 40.7549.'),
  lng: decimal(-180, 179.999999, 'A longitude, such as -73.984.'),
  radius_km: decimal(0.5, 200, 'How far you drive from there, 0.5 to 200 km.'),
  base: decimal(0, 10_000, 'An amount, such as 3.50.'),
  per_km: decimal(0, 1_000, 'An amount, such as 1.60.'),
  per_minute: decimal(0, 1_000, 'An amount, such as 0.50.'),
  minimum: decimal(0, 10_000, 'An amount, such as 8.'),
  admin_name: line(120),
  admin_email: line(254),
  key: z.string().max(128).optional(),
})
export type Essentials = z.infer<typeof essentialsForm>

const CORNERS = 32
const KM_A_DEGREE = 111.195

/** The document of a company file; what is wrong with it is said by whoever reads it. */
export function fileOfEssentials(asked: Essentials): unknown {
  const minor = minorUnits(asked.currency)
  const center = { lat: asked.lat, lng: asked.lng }
  return {
    company: {
      slug: asked.slug,
      name: asked.name,
      currency: asked.currency,
      timeZone: asked.time_zone,
      locale: asked.locale,
      phone: asked.phone === '' ? null : asked.phone,
    },
    regions: [
      {
        slug: 'main',
        name: asked.name,
        center,
        area: { type: 'Polygon', coordinates: [circle(center, asked.radius_km)] },
        tariffs: {
          standard: {
            baseMinor: minor(asked.base),
            bookingFeeMinor: 0,
            perKmMinor: minor(asked.per_km),
            perMinuteMinor: minor(asked.per_minute),
            minimumMinor: minor(asked.minimum),
            taxBasisPoints: 0,
            taxLabel: 'Tax',
            cancelFeeMinor: minor(asked.base),
            cancelFreeS: 120,
            noShowFeeMinor: minor(asked.minimum),
            noShowAfterS: 300,
            driverShareBasisPoints: 8_000,
          },
        },
      },
    ],
    people: [{ name: asked.admin_name, email: asked.admin_email, roles: ['admin'] }],
  }
}

/** Which field of the form a mistake in the file belongs to; empty for none of them. */
export function fieldOfPath(path: string): string {
  const fields: Readonly<Record<string, string>> = {
    'company.slug': 'slug',
    'company.name': 'name',
    'company.currency': 'currency',
    'company.timeZone': 'time_zone',
    'company.locale': 'locale',
    'company.phone': 'phone',
    'people[0].email': 'admin_email',
    'people[0].name': 'admin_name',
  }
  if (path.startsWith('regions[0].center') || path.startsWith('regions[0].area')) return 'lat'
  return fields[path] ?? ''
}

function minorUnits(currency: string): (amount: number) => number {
  let digits = 2
  try {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
  } catch {
    // Not a currency; the reader of the file says so.
  }
  return (amount) => Math.round(amount * 10 ** digits)
}

/** Corners of a circle drawn on a plane, closed; longitude first. */
function circle({ lat, lng }: LatLng, radiusKm: number): [number, number][] {
  const ring = Array.from({ length: CORNERS }, (_, n): [number, number] => {
    const angle = (2 * Math.PI * n) / CORNERS
    const dLat = (radiusKm / KM_A_DEGREE) * Math.sin(angle)
    const dLng = (radiusKm / (KM_A_DEGREE * Math.cos((lat * Math.PI) / 180))) * Math.cos(angle)
    return [round(lng + dLng), round(lat + dLat)]
  })
  return [...ring, ring[0]!]
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}
