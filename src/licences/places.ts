/** What stands at the top of a licence: states of the United States, provinces of Canada, and some countries. */

interface NamedPlace {
  /** As printed, in capitals. */
  readonly name: string
  /** ISO 3166. */
  readonly country: string
  readonly state?: string
}

const US_STATES = `Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii
Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi
Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York North_Carolina North_Dakota Ohio
Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont West_Virginia
Virginia Washington Wisconsin Wyoming District_of_Columbia Puerto_Rico`
const PROVINCES = `Alberta British_Columbia Manitoba New_Brunswick Newfoundland Nova_Scotia Ontario
Prince_Edward_Island Quebec Saskatchewan`

const statesOf = (country: string, names: string): NamedPlace[] =>
  names.split(/\s+/).map((name) => {
    const state = name.replaceAll('_', ' ')
    return { name: state.toUpperCase(), country, state }
  })

/** Longer names first: West Virginia is not Virginia. */
export const PLACES: readonly NamedPlace[] = [
  ...statesOf('US', US_STATES),
  ...statesOf('CA', PROVINCES),
  { name: 'UNITED KINGDOM', country: 'GB' },
  { name: 'DVLA', country: 'GB' },
  { name: 'BUNDESREPUBLIK DEUTSCHLAND', country: 'DE' },
  { name: 'FÜHRERSCHEIN', country: 'DE' },
  { name: 'RÉPUBLIQUE FRANÇAISE', country: 'FR' },
  { name: 'REPUBLIQUE FRANCAISE', country: 'FR' },
  { name: 'ESPAÑA', country: 'ES' },
  { name: 'REPUBBLICA ITALIANA', country: 'IT' },
  { name: 'NEDERLAND', country: 'NL' },
  { name: 'SVERIGE', country: 'SE' },
  { name: 'ÉIRE', country: 'IE' },
  { name: 'IRELAND', country: 'IE' },
  { name: 'AUSTRALIA', country: 'AU' },
  { name: 'NEW ZEALAND', country: 'NZ' },
].toSorted((a, b) => b.name.length - a.name.length)
