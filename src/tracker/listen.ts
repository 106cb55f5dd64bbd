import { once } from 'node:events'
import type { Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { formatAddress } from '../protocol/peer-address.js'
import { TrackerServerError } from './tracker-server-error.js'

const ANY_IPV6 = '::'
const ANY_IPV4 = '0.0.0.0'

/**
 * Listens on `bind`, or on every address of both families, or of IPv4 alone where the machine has no IPv6. Gives the
 * host it listens on.
 * @throws {TrackerServerError}
 */
export async function listen(server: Server, port: number, bind: string | undefined): Promise<string> {
  const host = bind ?? ANY_IPV6
  try {
    return await listenOn(server, host, port)
  } catch (error) {
    if (bind !== undefined || !isWithoutIPv6(error)) throw serverError(error, host, port)
  }
  try {
    return await listenOn(server, ANY_IPV4, port)
  } catch (error) {
    throw serverError(error, ANY_IPV4, port)
  }
}

async function listenOn(server: Server, host: string, port: number): Promise<string> {
  server.listen({ host, port })
  await once(server, 'listening')
  return host
}

/** Addresses under which others reach what listens on `host`: for a wildcard those of this machine, loopback last. */
export function reachableHosts(host: string): string[] {
  if (host !== ANY_IPV6 && host !== ANY_IPV4) return [host]
  const addresses = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    // Link-local addresses mean nothing without their interface.
    .filter(({ address }) => !address.startsWith('fe80:') && !address.startsWith('169.254.'))
    .filter(({ family }) => host === ANY_IPV6 || family === 'IPv4')
  const rank = ({ internal, family }: { internal: boolean; family: string }) =>
    (internal ? 2 : 0) + (family === 'IPv4' ? 0 : 1)
  return addresses.sort((a, b) => rank(a) - rank(b)).map(({ address }) => address)
}

function serverError(error: unknown, host: string, port: number): unknown {
  const facts = { host, port }
  const where = formatAddress(facts)
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new TrackerServerError('port-in-use', `${where}: another program listens there`, facts, {
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
      return new TrackerServerError('no-permission', `${where}: no permission to listen there`, facts, {
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODEV':
    case 'ERR_SOCKET_BAD_PORT':
      return new TrackerServerError('bad-address', `${where}: not an address of this machine`, facts, {
        cause: error,
      })
    default:
      return error
  }
}

function isWithoutIPv6(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
