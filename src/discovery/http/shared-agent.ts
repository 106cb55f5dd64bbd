import { isIP } from 'node:net'
import { Agent } from 'undici'
import { sharedAbortController } from '../../base/shared-abort.js'

/** The parameters of a connection; requests that agree in all of them share connections. */
export interface Route {
  /** Until a connection stands, the handshake of TLS included: 10 s. */
  readonly connectTimeoutMs?: number | undefined
  /** The local address to connect from; `0.0.0.0` is any of IPv4, `::` any at all. */
  readonly bind?: string | undefined
  /** Connects over one address family only. */
  readonly family?: 4 | 6 | undefined
  /** The certificates to trust (PEM) in place of those that Node.js trusts. */
  readonly ca?: string | undefined
}

interface Shared {
  readonly agent: Agent
  /** Ends connections that are still being made: undici lets them go on. */
  readonly controller: AbortController
  users: number
}

const CONNECT_TIMEOUT_MS = 10_000
const MAX_HEADER_BYTES = 32 * 1024

const agents = new Map<string, Shared>()

/**
 * Does work with an agent that is shared by all requests that take the same route at the same time, and with it its
 * connections: a session of thousands of torrents asks the same tracker again and again. The last one closes it, so
 * that no socket is left, connected or not.
 */
export async function withSharedAgent<Result>(
  route: Route,
  work: (agent: Agent) => Promise<Result>,
): Promise<Result> {
  const { connectTimeoutMs, bind, family, ca } = route
  const key = JSON.stringify([connectTimeoutMs, bind, family, ca])
  const shared = agents.get(key) ?? open(route)
  agents.set(key, shared)
  shared.users++
  try {
    return await work(shared.agent)
  } finally {
    if (--shared.users === 0) {
      agents.delete(key)
      const closing = shared.agent.destroy()
      shared.controller.abort()
      await closing
    }
  }
}

function open({ connectTimeoutMs, bind, family, ca }: Route): Shared {
  const controller = sharedAbortController()
  const localAddress = bind === '::' || bind === '0.0.0.0' ? undefined : bind
  const onlyFamily = bind === undefined || bind === '::' ? family : isIP(bind)
  const connect = {
    timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    signal: controller.signal,
    ...(onlyFamily !== undefined && { family: onlyFamily }),
    ...(ca !== undefined && { ca }),
  }
  const agent = new Agent({
    // Not one of `connect`, where it is overwritten.
    ...(localAddress !== undefined && { localAddress }),
    maxHeaderSize: MAX_HEADER_BYTES,
    // `Deadline` does this, with words of our own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect,
  })
  return { agent, controller, users: 0 }
}
