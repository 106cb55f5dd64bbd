import { CodedError } from '../base/errors.js'

export type SessionErrorCode = 'duplicate' | 'stopped'

/** A torrent that the session does not take. */
export class SessionError extends CodedError<SessionErrorCode, { name: string }> {}
