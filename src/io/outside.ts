/** What we do not run ourselves can fail; this names it, so the edge can retry, degrade, or say so. */

export type OutsideService =
  | 'postgres'
  | 'redis'
  | 'router'
  | 'geocoder'
  | 'payments'
  | 'mail'
  | 'sms'
  | 'files'
  | 'port'

/** A service outside this process did not do what was asked; `cause` is what it threw. */
export class OutsideError extends Error {
  override name = 'OutsideError'
  readonly service: OutsideService

  constructor(service: OutsideService, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.service = service
  }
}
