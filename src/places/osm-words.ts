/** OpenStreetMap's words for what something is, and ours. */

/** The tags that say what something is, the most telling first; where our word differs from theirs, ours. */
const TAGS = [
  ...['aeroway', 'railway', 'public_transport', 'tourism', 'amenity', 'historic', 'leisure', 'man_made'],
  ...['place', 'shop', 'office', 'building', 'highway', 'type', 'category'],
]
const OUR_WORDS: Readonly<Record<string, string>> = {
  aerodrome: 'airport',
  terminal: 'airport',
  college: 'university',
  fire_station: 'fire station',
  police: 'police station',
  courthouse: 'court',
  attraction: 'landmark',
  monument: 'landmark',
  memorial: 'landmark',
  stop_position: 'station',
  bus_station: 'station',
  suburb: 'neighbourhood',
  quarter: 'neighbourhood',
  city_block: 'neighbourhood',
  hostel: 'hotel',
  motel: 'hotel',
  gallery: 'museum',
}

/** What a thing with these tags is in our words; empty where none says. */
export function kindOf(tags: Readonly<Record<string, unknown>>): string {
  const tag = TAGS.find((key) => typeof tags[key] === 'string' && tags[key] !== 'yes')
  return tag === undefined ? '' : ourWord(String(tags[tag]))
}

/** A tag's value in our words: `fire_station` is a fire station, an `aerodrome` an airport. */
export function ourWord(value: string): string {
  return OUR_WORDS[value] ?? value.replaceAll('_', ' ')
}
