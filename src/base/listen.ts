import { once } from 'node:events'
import type { Server } from 'node:net'
import { CodedError, systemCode } from './errors.js'

export type ListenErrorCode = 'port-in-use' | 'no-permission' | 'bad-address'

/** A server can't listen where it was told to. */
export class ListenError extends CodedError<ListenErrorCode, { port: number; host: string | undefined }> {}

export interface ListenPlace {
  /** 0: any that is free. */
  readonly port: number
  /** Undefined: every address of both families, or of IPv4 alone where the machine has no IPv6. */
  readonly host: string | undefined
  /** Connections that the system holds for us until we take them. */
  readonly backlog?: number
}

/**
 * Waits until a server listens; gives the address that it got.
 * @throws {ListenError}
 */
export async function listenOn(server: Server, place: ListenPlace): Promise<{ host: string; port: number }> {
  try {
    server.listen(place)
    await once(server, 'listening')
  } catch (error) {
    throw toListenError(error, place)
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server of TCP has an address')
  return { host: address.address, port: address.port }
}

/** The `ListenError` that an error of a server or a socket stands for. Returns any other error as it is. */
export function toListenError(error: unknown, { port, host }: Pick<ListenPlace, 'port' | 'host'>): unknown {
  const code = listenCode(systemCode(error))
  if (code === undefined) return error
  return new ListenError(code, listenMessage(code, port, host), { port, host }, { cause: error })
}

function listenCode(code: string): ListenErrorCode | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return 'port-in-use'
    case 'EACCES':
    case 'EPERM':
      return 'no-permission'
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODEV':
    case 'ERR_SOCKET_BAD_PORT':
      return 'bad-address'
    default:
      return undefined
  }
}

function listenMessage(code: ListenErrorCode, port: number, host: string | undefined): string {
  const shownHost = host?.includes(':') ? `[${host}]` : host
  const where = shownHost === undefined ? `port ${port}` : `${shownHost}:${port}`
  switch (code) {
    case 'port-in-use':
      return `${where}: another program listens there`
    case 'no-permission':
      return `${where}: no permission to listen there`
    case 'bad-address':
      return `${where}: not an address of this machine`
  }
}
