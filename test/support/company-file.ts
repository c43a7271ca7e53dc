/** The shipped example of a company file, to be changed at will. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const EXAMPLE_PATH = join(import.meta.dir, '..', '..', 'samples', 'company', 'example.json')

export interface ExampleTariff {
  perKmMinor: number
  [field: string]: unknown
}
export interface ExamplePerson {
  name: string
  email: string
  roles?: string[]
  callSign?: string
  vehicles?: string[]
  licence?: Record<string, unknown>
}
export interface Example {
  company: Record<string, unknown>
  regions: {
    slug: string
    area: { type: string; coordinates: unknown }
    tariffs: Record<string, ExampleTariff>
    [field: string]: unknown
  }[]
  vehicles: { plate: string; class: string; [field: string]: unknown }[]
  people: ExamplePerson[]
}

/** A fresh copy, as the file's text would be read. */
export function example(): Example {
  return JSON.parse(readFileSync(EXAMPLE_PATH, 'utf8')) as Example
}

/** The text of the example after `change`. */
export function exampleWith(change: (file: Example) => void): string {
  const file = example()
  change(file)
  return JSON.stringify(file)
}
