/** An export as a file: JSON for programs, a page for people; both written as they are read. */
import {
  exportFoot,
  exportHead,
  exportPartFoot,
  exportPartHead,
  exportRow,
} from '../../views/accounts/export.ts'
import type { ExportPart } from './export.ts'
import type { Subject } from './plan.ts'

export const EXPORT_FORMATS = {
  json: { type: 'application/json; charset=utf-8', write: jsonText },
  html: { type: 'text/html; charset=utf-8', write: htmlText },
} as const
export type ExportFormat = keyof typeof EXPORT_FORMATS

export interface ExportText {
  readonly person: Subject
  readonly madeAtMs: number
  readonly parts: Iterable<ExportPart>
}

async function* jsonText({ person, madeAtMs, parts }: ExportText): AsyncGenerator<string> {
  const head = { madeAt: new Date(madeAtMs).toISOString(), person: { id: person.id, name: person.name } }
  yield `${JSON.stringify(head).slice(0, -1)},"parts":[`
  let isFirstPart = true
  for (const { title, rows } of parts) {
    yield `${isFirstPart ? '' : ','}\n{"title":${JSON.stringify(title)},"rows":[`
    isFirstPart = false
    let isFirstRow = true
    for await (const row of rows) {
      yield `${isFirstRow ? '' : ','}\n${JSON.stringify(row)}`
      isFirstRow = false
    }
    yield ']}'
  }
  yield '\n]}\n'
}

async function* htmlText({ person, madeAtMs, parts }: ExportText): AsyncGenerator<string> {
  yield String(exportHead({ name: person.name, madeAtMs }))
  for (const { title, rows } of parts) {
    let columns: string[] | null = null
    for await (const row of rows) {
      if (columns === null) {
        columns = Object.keys(row)
        yield String(exportPartHead({ title, columns }))
      }
      yield String(exportRow(columns.map((name) => row[name])))
    }
    yield String(exportPartFoot({ title, isEmpty: columns === null }))
  }
  yield String(exportFoot())
}

/** Texts as a body that is read on only as fast as it is taken away. */
export function streamOf(
  texts: AsyncGenerator<string>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let isLeft = false
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await texts.next()
        // Whoever went away while this was read is told nothing, and is no mistake.
        if (isLeft) return
        if (done === true) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        onError(error)
        controller.error(error)
      }
    },
    async cancel() {
      isLeft = true
      await texts.return(undefined)
    },
  })
}
