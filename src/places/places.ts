/** What other slices may ask of the gazetteer. */
export {
  type FoundPlace,
  importPlaces,
  knownPlaceBy,
  type NearestPlace,
  nearestArea,
  nearestPlace,
  type Place,
  placeProps,
  searchPlaces,
} from './gazetteer.ts'
export { sameName } from './normalise.ts'
