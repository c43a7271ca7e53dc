/** A driver's try at the rider's start code, answered instead of refused: a refusal would not count it. */
import type { Work } from '../io/commit.ts'
import { wordsFor } from '../rides/refusals.ts'
import { tryStartCode } from '../rides/start-code.ts'
import type { Done } from '../web/act.ts'

type Tried = Omit<Parameters<typeof tryStartCode>[1], 'code'> & { readonly code: string | undefined }

/** What the driver is answered when the code was not the ride's; null when the step may be taken. */
export async function wrongCode(unit: Work, { code, ...tried }: Tried): Promise<Done | null> {
  if (code === undefined || code === '') return null
  const { outcome, triesLeft } = await tryStartCode(unit, { ...tried, code })
  if (outcome === 'right' || outcome === 'none_asked') return null
  const reason = outcome === 'locked' ? 'code_locked' : 'code_wrong'
  return {
    location: `/driver?told=${reason}`,
    json: { status: 409, title: 'Not done', detail: wordsFor(reason), triesLeft },
    status: 409,
  }
}
