import { CodedError } from '../../base/errors.js'
import type { TrackerErrorCode } from '../tracker-error.js'

export type UdpFailureCode = Extract<
  TrackerErrorCode,
  'unreachable' | 'timeout' | 'malformed' | 'failure' | 'no-udp-port' | 'unsupported-scheme'
>

/** A request to a UDP tracker that did not succeed. `reason` is for people, to follow an address and a colon. */
export class UdpFailure extends CodedError<UdpFailureCode, { reason: string }> {
  constructor(code: UdpFailureCode, reason: string, options?: { cause?: unknown }) {
    super(code, reason, { reason }, options)
  }
}
