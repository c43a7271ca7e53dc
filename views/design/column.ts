/** One part three times on a page: what belongs to one document alone, such as ids, is told apart, and clocks stand still. */
import { type Html, raw } from '../html.ts'

export interface Column {
  readonly id: 'light' | 'dark' | 'rtl'
  readonly word: string
  readonly theme: 'light' | 'dark'
  readonly dir: 'ltr' | 'rtl'
}

export const COLUMNS: readonly Column[] = [
  { id: 'light', word: 'light', theme: 'light', dir: 'ltr' },
  { id: 'dark', word: 'dark', theme: 'dark', dir: 'ltr' },
  { id: 'rtl', word: 'right to left', theme: 'light', dir: 'rtl' },
]

/** Attributes that name an element, or say which one is meant; radio buttons of one name are one choice. */
const NAMES = /\s(id|for|form|list|name|aria-labelledby|aria-describedby|aria-controls|commandfor)="([^"]+)"/g
/** What `live.js` would count on from, take away or draw; and the focus that would be fought for. */
const MOVING =
  /\s(?:data-(?:until|now|total|seen|since|left-ms|total-ms|toast|map|live|due-show|due-hide|busy)|hx-[\w:-]+)="[^"]*"|\sautofocus/g

export interface Placed {
  /** Unique on the page, letters, digits and dashes; also the id of what names the part there. */
  readonly place: string
  /** What tells it apart for a screen reader. */
  readonly label: string
  readonly isOpen?: boolean
  readonly isShown?: boolean
  readonly isClosed?: boolean
}

/**
 * A part as it stands in one column: ids and names of its own, no clock that runs, no way into the app. Its forms and
 * links lead back to this page, because a parts page must not send a real form for a ride that is not.
 * @param markup what a part function drew; its attribute values are escaped, so quotes only end them
 */
export function inColumn(markup: Html, { place, label, isOpen, isShown, isClosed }: Placed): Html {
  const own = (ids: string) =>
    ids
      .split(' ')
      .map((id) => `${place}-${id}`)
      .join(' ')
  const still = markup
    .toString()
    .replace(MOVING, '')
    .replace(/<form\b[^>]*>/g, ownForm)
    .replace(/\shref="[^"]*"/g, ' href="/design"')
    .replace(NAMES, (_, name: string, ids: string) => ` ${name}="${own(ids)}"`)
    .replace(/\saria-label="([^"]*)"/g, (_, words: string) => ` aria-label="${words} (${label})"`)
    .replace(/\saria-labelledby="([^"]*)"/g, (_, ids: string) => ` aria-labelledby="${ids} ${place}"`)
  const shown = isShown === true ? still.replaceAll(/ hidden(?=[ >])/g, '') : still
  const opened = isOpen === true ? shown.replaceAll('<details ', '<details open ') : shown
  return raw(isClosed === true ? opened : opened.replaceAll('<dialog ', '<dialog open '))
}

function ownForm(tag: string): string {
  const kept = [...tag.matchAll(/\s(?:class|id)="[^"]*"/g)].map(([attribute]) => attribute)
  return `<form method="get" action="/design"${kept.join('')}>`
}
