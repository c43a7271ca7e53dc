/** What other slices may ask of the gazetteer. */
export {
  type FoundPlace,
  importPlaces,
  type NearestPlace,
  nearestPlace,
  type Place,
  searchPlaces,
} from './gazetteer.ts'
export { sameName } from './normalise.ts'
