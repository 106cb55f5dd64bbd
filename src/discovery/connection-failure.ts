import { errors } from 'undici'
import { reasonOf, systemCode } from '../base/errors.js'
import type { TrackerErrorCode } from './tracker-error.js'

export interface ConnectionFailure {
  readonly code: TrackerErrorCode
  /** For a person, to follow an address and a colon. */
  readonly reason: string
}

const BY_CODE: ReadonlyMap<string, ConnectionFailure> = new Map([
  ['ECONNREFUSED', { code: 'unreachable', reason: 'connection refused' }],
  ['ENOTFOUND', { code: 'unreachable', reason: 'no such host' }],
  ['EAI_AGAIN', { code: 'unreachable', reason: 'the name server does not answer' }],
  ['EHOSTUNREACH', { code: 'unreachable', reason: 'no route to the host' }],
  ['ENETUNREACH', { code: 'unreachable', reason: 'no route to its network' }],
  ['EADDRNOTAVAIL', { code: 'unreachable', reason: 'the local address is not available' }],
  ['EINVAL', { code: 'unreachable', reason: 'it cannot be reached from the local address' }],
  ['ECONNRESET', { code: 'unreachable', reason: 'it broke the connection off' }],
  ['EPIPE', { code: 'unreachable', reason: 'it broke the connection off' }],
  ['UND_ERR_SOCKET', { code: 'unreachable', reason: 'it closed the connection before the answer was whole' }],
  ['ETIMEDOUT', { code: 'timeout', reason: 'the connection timed out' }],
  ['UND_ERR_CONNECT_TIMEOUT', { code: 'timeout', reason: 'the connection timed out' }],
  ['UND_ERR_HEADERS_TIMEOUT', { code: 'timeout', reason: 'it does not answer' }],
  ['UND_ERR_BODY_TIMEOUT', { code: 'timeout', reason: 'it does not go on answering' }],
  ['UND_ERR_HEADERS_OVERFLOW', { code: 'too-large', reason: 'its answer has endless headers' }],
  ['Z_DATA_ERROR', { code: 'malformed', reason: 'its compressed answer is broken' }],
  ['Z_BUF_ERROR', { code: 'malformed', reason: 'its compressed answer ends too early' }],
])

/** OpenSSL's codes for a certificate that is not accepted, as Node.js lists them. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CRL_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Says what a thrown error of the HTTP client, of a socket or of the inflater means, by its code. */
export function connectionFailure(thrown: unknown): ConnectionFailure {
  const code = systemCode(thrown)
  const known = BY_CODE.get(code)
  if (known !== undefined) return known
  if (CERTIFICATE_CODES.has(code)) {
    // Node.js 24 and newer put advice for programmers behind it.
    const [why = ''] = firstLine(reasonOf(thrown)).split(';', 1)
    return { code: 'tls', reason: `its certificate is not valid: ${why}` }
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return { code: 'tls', reason: 'no secure connection could be agreed on' }
  }
  // Its codes are not reliable: the most common case has none.
  if (thrown instanceof errors.HTTPParserError)
    return { code: 'malformed', reason: 'it answers something that is not HTTP' }
  return { code: 'unreachable', reason: firstLine(reasonOf(thrown)) }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
