/** What other slices may ask of the gazetteer. */
export { FileRefused } from './entry.ts'
export { textOfFile } from './file-text.ts'
export { type FoundPlace, type Place, searchPlaces } from './gazetteer.ts'
export { bringIn, type ImportReport, importPlaces } from './import.ts'
export { knownPlaceBy, type NearestPlace, nearestArea, nearestPlace } from './nearest.ts'
export { sameName } from './normalise.ts'
export { placeProps } from './shown.ts'
