// BEP 7: a tracker hears of both our addresses only by hearing from both.

import { isIP } from 'node:net'
import { systemCode } from '../base/errors.js'
import { formatAddress } from '../protocol/peer-address.js'
import type { AnnounceRequest } from '../protocol/tracker/announce-request.js'
import type { AnnounceSuccess } from '../protocol/tracker/announce-response.js'

/** How one announce is made. */
interface FamilyOptions {
  readonly signal: AbortSignal
  /** The local address to announce from. */
  readonly bind?: string | undefined
  /** Over one address family only; undefined: over any that the tracker has. */
  readonly family?: 4 | 6 | undefined
}

export interface EachFamilyOptions extends FamilyOptions {
  /** Makes one announce. */
  announce(url: string, request: AnnounceRequest, options: FamilyOptions): Promise<AnnounceSuccess>
  /** How long the answer over one family waits for that over the other: 3 s. */
  readonly graceMs?: number
}

const GRACE_MS = 3000
const FAMILIES = [4, 6] as const

/**
 * Announces over IPv4 and over IPv6 at once, where the tracker has a name; the answers become one. That one of them
 * fails is no failure: many trackers and many machines have a single family.
 * @throws as `options.announce`
 */
export async function announceOnEachFamily(
  url: string,
  request: AnnounceRequest,
  { graceMs = GRACE_MS, announce, ...options }: EachFamilyOptions,
): Promise<AnnounceSuccess> {
  const hasChoice = options.bind === undefined || options.bind === '::'
  if (!hasChoice || !isNamed(url)) return await announce(url, request, options)

  const controller = new AbortController()
  const cancel = () => controller.abort(options.signal.reason)
  let grace: NodeJS.Timeout | undefined
  options.signal.addEventListener('abort', cancel)
  if (options.signal.aborted) cancel()
  const attempts = FAMILIES.map(async family => {
    const answer = await announce(url, request, { ...options, family, signal: controller.signal })
    grace ??= setTimeout(cancel, graceMs)
    return answer
  })
  const results = await Promise.allSettled(attempts)
  clearTimeout(grace)
  options.signal.removeEventListener('abort', cancel)
  return combined(results)
}

function isNamed(url: string): boolean {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' }
  const isTracker = ['http:', 'https:', 'udp:'].includes(protocol)
  return isTracker && !hostname.startsWith('[') && isIP(hostname) === 0
}

/** Where both failed, the one that at least had an address to fail at speaks. */
function combined(results: readonly PromiseSettledResult<AnnounceSuccess>[]): AnnounceSuccess {
  const answers = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const [first, second] = answers
  if (first === undefined) {
    const errors: unknown[] = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
    throw errors.find(error => !isWithoutAddress(error)) ?? errors[0]
  }
  return second === undefined ? first : merged(first, second)
}

function isWithoutAddress(error: unknown): boolean {
  return error instanceof Error && systemCode(error.cause) === 'ENOTFOUND'
}

function merged(first: AnnounceSuccess, second: AnnounceSuccess): AnnounceSuccess {
  const peers = new Map([...first.peers, ...second.peers].map(peer => [formatAddress(peer), peer]))
  const names = [...first.namedPeers, ...second.namedPeers].map(
    peer => [`${peer.name}:${peer.port}`, peer] as const,
  )
  return {
    ...first,
    warning: first.warning ?? second.warning,
    peers: [...peers.values()],
    namedPeers: [...new Map(names).values()],
  }
}
