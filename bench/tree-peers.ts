/** Libraries of trees. The static ones are given a fresh tree each: what rebuilding them costs is not counted. */
import Flatbush from 'flatbush'
import { around } from 'geokdbush'
import KDBush from 'kdbush'
import RBush from 'rbush'
import { type City, MAX_M, type Points } from './workload.ts'

const K = 8
const M_PER_DEGREE = 111_195

/** Cars near a request; how a peer is asked. */
export type Ask = (points: Points, request: number) => readonly number[]

/** One kdbush of all cars, asked with a filter for free ones of the class. */
export function filteredTree(city: City): Ask {
  const cars = Array.from(city.lats, (_, car) => car)
  const tree = treeOf(city, cars)
  return (points, request) => {
    const classMask = points.who[request]!
    const fits = (car: number) => city.free[car] === 1 && (city.classMasks[car]! & classMask) !== 0
    return around(tree, points.lngs[request]!, points.lats[request]!, K, MAX_M / 1000, fits)
  }
}

/** A kdbush a class, of its free cars alone; the answers are places in its list. */
export function treesByClass(city: City): Ask {
  const trees = byClass(city, (cars) => treeOf(city, cars))
  return (points, request) =>
    around(trees.get(points.who[request]!)!, points.lngs[request]!, points.lats[request]!, K, MAX_M / 1000)
}

/** A flatbush a class; it knows planes only, so longitudes are shortened for the middle of the city. */
export function flatbushByClass(city: City): Ask {
  const shorter = Math.cos((city.lats[0]! * Math.PI) / 180)
  const trees = byClass(city, (cars) => {
    const tree = new Flatbush(cars.length)
    for (const car of cars) tree.add(city.lngs[car]! * shorter, city.lats[car]!)
    tree.finish()
    return tree
  })
  return (points, request) =>
    trees
      .get(points.who[request]!)!
      .neighbors(points.lngs[request]! * shorter, points.lats[request]!, K, MAX_M / M_PER_DEGREE)
}

/** The one tree here that can be changed: a car that moves is taken out and put in again. */
export function movableTree(city: City): { move(car: number, lat: number, lng: number): void } {
  const boxes = Array.from(city.lats, (lat, car) => boxAt(lat, city.lngs[car]!))
  const tree = new RBush<ReturnType<typeof boxAt>>()
  tree.load(boxes.slice())
  return {
    move(car, lat, lng) {
      const box = boxes[car]!
      tree.remove(box)
      box.minX = box.maxX = lng
      box.minY = box.maxY = lat
      tree.insert(box)
    },
  }
}

function boxAt(lat: number, lng: number) {
  return { minX: lng, minY: lat, maxX: lng, maxY: lat }
}

function byClass<T>(city: City, build: (cars: readonly number[]) => T): Map<number, T> {
  return new Map(
    [1, 2, 4].map((mask) => {
      const cars: number[] = []
      for (let car = 0; car < city.lats.length; car++)
        if (city.free[car] === 1 && city.classMasks[car] === mask) cars.push(car)
      return [mask, build(cars)]
    }),
  )
}

function treeOf(city: City, cars: readonly number[]): KDBush {
  const tree = new KDBush(cars.length)
  for (const car of cars) tree.add(city.lngs[car]!, city.lats[car]!)
  tree.finish()
  return tree
}
