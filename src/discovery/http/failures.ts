// Explains each error of the HTTP client, of sockets, of name lookups and of TLS in plain words.

import { errors } from 'undici'
import { systemCode } from '../../base/errors.js'
import { LOOK_UP_REASONS, SOCKET_REASONS } from '../system-failures.js'
import type { HttpErrorCode } from './http-error.js'

export interface ConnectionFailure {
  readonly code: HttpErrorCode
  /** For people, to follow an address and a colon. */
  readonly reason: string
}

const NOT_WHOLE = 'it closed the connection before the answer was whole'

const UNREACHABLE: Readonly<Record<string, string>> = {
  ...SOCKET_REASONS,
  ...LOOK_UP_REASONS,
  UND_ERR_SOCKET: NOT_WHOLE,
  UND_ERR_INFO: NOT_WHOLE,
  UND_ERR_ABORTED: NOT_WHOLE,
  UND_ERR_ABORT: NOT_WHOLE,
  ABORT_ERR: NOT_WHOLE,
  UND_ERR_CLOSED: NOT_WHOLE,
  UND_ERR_DESTROYED: NOT_WHOLE,
  ERR_STREAM_PREMATURE_CLOSE: NOT_WHOLE,
}

const TIMEOUT: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it does not go on answering',
}

const TOO_LARGE: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_OVERFLOW: 'its answer has endless headers',
  HPE_HEADER_OVERFLOW: 'its answer has endless headers',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is too large',
}

const MALFORMED: Readonly<Record<string, string>> = {
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'its answer is not as long as it says',
  UND_ERR_NOT_SUPPORTED: 'it answers something that is not HTTP',
  UND_ERR_INVALID_ARG: 'it answers something that is not HTTP',
}

/** OpenSSL's codes for a certificate that is not accepted, as Node.js lists them. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'is not valid yet, or the clock of this machine is wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed: trust it with NODE_EXTRA_CA_CERTS=<file> if it is yours',
  SELF_SIGNED_CERT_IN_CHAIN:
    'comes from an authority that is not known: trust it with NODE_EXTRA_CA_CERTS=<file> if it is yours',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from an authority that is not known, or lacks a part of its chain',
  HOSTNAME_MISMATCH: 'is for another host',
  CERT_REVOKED: 'was revoked',
  CERT_UNTRUSTED: 'is not trusted',
  CERT_REJECTED: 'is not trusted',
  CERT_CHAIN_TOO_LONG: 'has too long a chain',
  PATH_LENGTH_EXCEEDED: 'has too long a chain',
  INVALID_CA: 'was signed by what is no authority',
  INVALID_PURPOSE: 'is not meant for a server',
  CERT_SIGNATURE_FAILURE: 'has a wrong signature',
  UNABLE_TO_GET_CRL: 'cannot be checked',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'is broken',
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: 'cannot be checked',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'is broken',
  CRL_SIGNATURE_FAILURE: 'cannot be checked',
  CRL_NOT_YET_VALID: 'cannot be checked',
  CRL_HAS_EXPIRED: 'cannot be checked',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'is broken',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'is broken',
}

const BY_CODE: ReadonlyMap<string, ConnectionFailure> = new Map([
  ...rows('unreachable', UNREACHABLE),
  ...rows('timeout', TIMEOUT),
  ...rows('too-large', TOO_LARGE),
  ...rows('malformed', MALFORMED),
  ...rows('tls', CERTIFICATE, 'its certificate '),
])

/** Codes that say little while another address of the same host failed for another reason. */
const LEAST_TELLING: ReadonlySet<string> = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Says what a thrown error of the HTTP client or of a socket means, by its code: never in the words of a library. */
export function connectionFailure(thrown: unknown): ConnectionFailure {
  const cause = mostTelling(thrown)
  const code = systemCode(cause)
  const known = BY_CODE.get(code)
  if (known !== undefined) return known
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'tls', reason: `its certificate is for ${namesOf(cause)}, not for this host` }
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return { code: 'tls', reason: 'no secure connection could be agreed on: is its address http:// instead?' }
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return { code: 'tls', reason: 'no secure connection could be agreed on' }
  }
  // The parser's codes are not reliable: the most common case has none.
  if (cause instanceof errors.HTTPParserError || code.startsWith('HPE_')) {
    return { code: 'malformed', reason: 'it answers something that is not HTTP' }
  }
  return { code: 'unreachable', reason: code === '' ? 'the request failed' : `the request failed (${code})` }
}

/** The first names that a certificate is for. They come from a stranger: nothing but what names are made of is taken. */
function namesOf(error: unknown): string {
  const all = error instanceof Error && 'cert' in error ? subjectOf(error.cert) : ''
  const names = Array.from(all.matchAll(/DNS:([\w.*-]{1,100})/g), ([, name = '']) => name)
  return names.slice(0, 2).join(' and ') || 'another host'
}

function subjectOf(certificate: unknown): string {
  if (typeof certificate !== 'object' || certificate === null || !('subjectaltname' in certificate)) return ''
  return typeof certificate.subjectaltname === 'string' ? certificate.subjectaltname : ''
}

/** For a host with several addresses, the failure that says most. */
function mostTelling(thrown: unknown): unknown {
  if (!(thrown instanceof AggregateError) || thrown.errors.length === 0) return thrown
  const all: readonly unknown[] = thrown.errors
  return all.find(error => !LEAST_TELLING.has(systemCode(error))) ?? all[0]
}

function rows(
  code: HttpErrorCode,
  reasons: Readonly<Record<string, string>>,
  before = '',
): [string, ConnectionFailure][] {
  return Object.entries(reasons).map(([key, reason]) => [key, { code, reason: before + reason }])
}
