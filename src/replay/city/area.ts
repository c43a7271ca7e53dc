/** Where the demo company drives. */
import type { AreaPolygon } from '../../io/tables/rides.ts'

/**
 * Manhattan with its waterfront, drawn by hand along the middle of the rivers, longitude first. Every node of the
 * road graph lies in it; Roosevelt, Randall's and Governors Island do not, as no road of ours leads there.
 */
export const MANHATTAN: AreaPolygon = {
  type: 'Polygon',
  coordinates: [
    [
      [-74.03, 40.6985],
      [-74.006, 40.6985],
      [-73.9965, 40.7055],
      [-73.9905, 40.7073],
      [-73.9725, 40.7085],
      [-73.97, 40.7135],
      [-73.966, 40.725],
      [-73.965, 40.737],
      [-73.9615, 40.748],
      [-73.9431, 40.7714],
      [-73.938, 40.78],
      [-73.935, 40.786],
      [-73.931, 40.792],
      [-73.928, 40.797],
      [-73.9265, 40.802],
      [-73.931, 40.811],
      [-73.9315, 40.82],
      [-73.932, 40.829],
      [-73.9275, 40.843],
      [-73.9245, 40.85],
      [-73.916, 40.862],
      [-73.911, 40.866],
      [-73.908, 40.872],
      [-73.906, 40.8765],
      [-73.914, 40.88],
      [-73.928, 40.88],
      [-73.935, 40.874],
      [-73.95, 40.85],
      [-73.96, 40.83],
      [-73.977, 40.81],
      [-73.995, 40.785],
      [-74.011, 40.762],
      [-74.017, 40.745],
      [-74.022, 40.72],
      [-74.03, 40.705],
      [-74.03, 40.6985],
    ],
  ],
}
