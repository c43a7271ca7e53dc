/** What others published, to stand beside a report. Other cities, days and rules: only the trend compares. */

interface PublishedRow {
  readonly who: string
  readonly cars: string
  readonly served: string
  readonly wait: string
  readonly note: string
}

const PNAS = 'Alonso-Mora and others, PNAS 114, 2017'
const AMOD = 'AMoD simulator, Manhattan 2015-05-02, 388,101 requests'

export const PUBLISHED: readonly PublishedRow[] = [
  { who: PNAS, cars: '3,000 × 4 seats', served: '98 %', wait: '168 s', note: 'pooled, 3.5 min delay' },
  { who: PNAS, cars: '2,000 × 10 seats', served: '98 %', wait: '168 s', note: 'pooled, 3.5 min delay' },
  { who: AMOD, cars: '2,700 × 1 seat', served: '69.9 %', wait: '260 s', note: '' },
  { who: AMOD, cars: '2,000 × 4 seats', served: '92.9 %', wait: '168 s', note: 'pooled' },
  { who: AMOD, cars: '2,700 × 4 seats', served: '99.7 %', wait: '157 s', note: 'pooled' },
  {
    who: 'AMoD2',
    cars: '2,000 × 6 seats',
    served: '92.9 %',
    wait: '134 s',
    note: 'pooled, 0.09 s a 30 s batch',
  },
]

export const CAVEAT =
  'These ran on other data, by other rules: longer waits allowed, other fleets, other nights. Compare how figures move with cars and seats, not the figures.'
