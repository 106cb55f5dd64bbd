export type RunErrorCode =
  /** It did not end, or did not answer, within its time. */
  | 'late'
  /** A signal that was not ours ended it. */
  | 'crashed'
  /** A seeder sends no more although blocks were asked for, or ended the connection. */
  | 'stalled'
  /** It ended with another exit status than 0. */
  | 'failed'

/** A run that says nothing about the speed of a program. */
export class RunError extends Error {
  readonly code: RunErrorCode

  constructor(code: RunErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
