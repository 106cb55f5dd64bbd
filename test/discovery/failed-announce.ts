import assert from 'node:assert/strict'
import { shownUrl } from '../../src/base/shown-url.js'
import type { TrackerOptions } from '../../src/discovery/http-tracker.js'
import { announceOverHttp } from '../../src/discovery/http-tracker.js'
import { TrackerError, type TrackerErrorCode } from '../../src/discovery/tracker-error.js'
import { leecher } from './fake-tracker.js'

/** Announces and gives the error that this ends in; its message has to be one line that starts with the address. */
export async function failure(url: string, options: TrackerOptions = {}): Promise<TrackerError> {
  const error: unknown = await announceOverHttp(url, leecher(), options).then(
    () => assert.fail('the announce succeeded'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof TrackerError, String(error))
  assert.equal(error.facts.url, url)
  assert.ok(error.message.startsWith(`${shownUrl(url)}: `), error.message)
  assert.doesNotMatch(error.message, /\n/)
  return error
}

export function assertFailure(error: TrackerError, code: TrackerErrorCode, reason: string | RegExp): void {
  assert.equal(error.code, code)
  assert.match(error.facts.reason, typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason)
}
