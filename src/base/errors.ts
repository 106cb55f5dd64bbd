/**
 * An error that a program can act on: a `code` from the closed list of the module that throws it, and the
 * facts of the case as fields. `message` is one line for a person.
 */
export class CodedError<Code extends string, Facts extends object = object> extends Error {
  readonly code: Code
  readonly facts: Facts

  constructor(code: Code, message: string, facts: Facts, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.facts = facts
  }
}

/** The message of anything that was thrown; `AggregateError`s (a host with several addresses) by their first. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0])
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/**
 * The code of a system's or a library's error, as `ENOENT`; empty where it has none. `AggregateError`s (a host with
 * several addresses) by their first.
 */
export function systemCode(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return systemCode(thrown.errors[0])
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
}

/** Makes a `switch` over a union exhaustive: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
