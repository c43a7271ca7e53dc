/** @jsxImportSource react */
/**
 * A ride's page as somebody would write it with React: the words and the map of the rider's track page and nothing
 * else, no live line, no chat, no page without network. The peer of `bench pages`.
 */
import { useEffect, useRef } from 'react'

export interface Point {
  readonly lat: number
  readonly lng: number
}

/** All that the page shows; it comes with the page, so that nothing has to be asked for. */
export interface TrackState {
  readonly headline: string
  readonly second: string
  readonly steps: readonly { readonly label: string; readonly isCurrent: boolean }[]
  readonly driver: {
    readonly name: string
    readonly callSign: string
    readonly vehicle: string
    readonly plate: string
  }
  readonly to: string
  readonly toSecond: string
  readonly cancelHref: string
  readonly cancel: string
  readonly map: {
    readonly city: string
    readonly from: Point
    readonly to: Point
    readonly car: Point | null
    readonly ways: readonly (readonly Point[])[]
  }
}

export type DrawMap = (element: HTMLElement, map: TrackState['map']) => () => void

export function TrackPage({ state, drawMap }: { state: TrackState; drawMap: DrawMap | null }) {
  const map = useRef<HTMLElement>(null)
  useEffect(
    () => (map.current === null ? undefined : drawMap?.(map.current, state.map)),
    [drawMap, state.map],
  )
  const { driver } = state
  return (
    <main>
      <section className="sheet">
        <h1>{state.headline}</h1>
        <p className="second">{state.second}</p>
        <ol className="steps">
          {state.steps.map(({ label, isCurrent }) => (
            <li key={label} aria-current={isCurrent ? 'step' : undefined}>
              {label}
            </li>
          ))}
        </ol>
        <div className="row">
          <p>
            <b>{driver.name}</b> car {driver.callSign}
            <span className="second">{driver.vehicle}</span>
          </p>
          <b className="plate">{driver.plate}</b>
        </div>
        <div className="row">
          <p>
            <b>{state.to}</b>
            <span className="second">{state.toSecond}</span>
          </p>
        </div>
        <p className="row">
          <a href={state.cancelHref}>Cancel ride</a>
          <span className="second">{state.cancel}</span>
        </p>
      </section>
      <section ref={map} className="map" aria-label="Map with your ride" />
    </main>
  )
}
