/** @jsxImportSource react */
/**
 * Draws the peer's page in the browser, or takes over what its server drew.
 */
import { createRoot, hydrateRoot } from 'react-dom/client'
import { drawMap } from './map.ts'
import { TrackPage, type TrackState } from './page.tsx'

const root = document.getElementById('root')!
const state = JSON.parse(document.getElementById('state')!.textContent!) as TrackState
const page = <TrackPage state={state} drawMap={drawMap} />
if (root.hasChildNodes()) hydrateRoot(root, page)
else createRoot(root).render(page)
