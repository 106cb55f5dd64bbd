// The meaning of errors of sockets and of name look-ups, in words of our own, by the system's code.

import { systemCode } from '../base/errors.js'

const BROKE_OFF = 'it broke the connection off'
const NO_HOST = 'no such host'
const NAME_SERVER = 'the name server does not answer'

/** To follow an address and a colon. */
export const SOCKET_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: BROKE_OFF,
  ECONNABORTED: BROKE_OFF,
  EPIPE: BROKE_OFF,
  EHOSTUNREACH: 'no route to the host',
  EHOSTDOWN: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  ENETDOWN: 'this machine has no network',
  ENONET: 'this machine has no network',
  EADDRNOTAVAIL: 'the local address is not available',
  EADDRINUSE: 'this machine has no free port left for the connection',
  EAFNOSUPPORT: 'this machine does not speak its address family',
  EINVAL: 'it cannot be reached from the local address',
  EACCES: 'this machine does not allow the connection',
  EPERM: 'this machine does not allow the connection',
  EMFILE: 'this program has too many open files',
  ENFILE: 'this machine has too many open files',
  ENOBUFS: 'this machine has no memory left for the connection',
  ENOMEM: 'this machine has no memory left for the connection',
}

export const LOOK_UP_REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: NO_HOST,
  ENODATA: NO_HOST,
  EAI_NODATA: NO_HOST,
  EAI_NONAME: NO_HOST,
  EAI_ADDRFAMILY: NO_HOST,
  EAI_FAIL: 'the name server failed',
  EAI_MEMORY: 'the name lookup failed',
  EAI_SYSTEM: 'the name lookup failed',
  EAI_AGAIN: NAME_SERVER,
  ESERVFAIL: 'the name server failed',
  ETIMEOUT: NAME_SERVER,
}

/** Why a datagram could not be sent, or a name not be found: never in the words of a library. */
export function systemFailure(error: unknown): string {
  const code = systemCode(error)
  const known = SOCKET_REASONS[code] ?? LOOK_UP_REASONS[code]
  return known ?? (code === '' ? 'the request failed' : `the request failed (${code})`)
}
