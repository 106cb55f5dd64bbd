import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Option } from '@commander-js/extra-typings'
import { untilAborted } from '../../base/until-aborted.js'
import type { EncryptionMode } from '../../client/net/encryption/encryption-mode.js'
import type { SessionOptions } from '../../client/session.js'
import type { AddOptions } from '../../client/task/task-host.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { systemReason } from '../errors/system-reason.js'
import type { Output } from '../output/output.js'
import {
  addressValue,
  durationValue,
  peerValues,
  portValue,
  positiveValue,
  rateValue,
  ratioValue,
  tierValues,
} from '../values/option-values.js'

const GROUP = 'Swarm options:'

// Options of `get` and of `seed`, one by one, so that the types of their values are inferred where they are used.

export const peerOption = (): Option<'--peer <host:port>', undefined, undefined, PeerAddress[]> =>
  new Option('--peer <host:port>', 'connect to this peer, too (repeatable)')
    .argParser(peerValues)
    .helpGroup(GROUP)

export const trackerOption = (): Option<'-t, --tracker <url>', undefined, undefined, string[][]> =>
  new Option('-t, --tracker <url>', "a tracker besides the torrent's own (repeatable)")
    .argParser(tierValues)
    .helpGroup(GROUP)

export const noTrackerOption = (): Option<'--no-tracker'> =>
  new Option('--no-tracker', 'ask no tracker at all').helpGroup(GROUP)

export const noPexOption = (): Option<'--no-pex'> =>
  new Option('--no-pex', 'tell peers of no others, and hear of none').helpGroup(GROUP)

export const portOption = (): Option<'-p, --port <n>', undefined, undefined, number> =>
  new Option('-p, --port <n>', 'port to listen on, 0 for any (default: 6881 to 6889, else any)')
    .argParser(portValue)
    .helpGroup(GROUP)

export const bindOption = (): Option<'--bind <address>', undefined, undefined, string> =>
  new Option('--bind <address>', 'local address of all connections (default: any)')
    .argParser(addressValue)
    .helpGroup(GROUP)

export const maxPeersOption = (): Option<'--max-peers <n>', undefined, undefined, number> =>
  new Option('--max-peers <n>', 'connections at a time').argParser(positiveValue).helpGroup(GROUP)

export const encryptionOption = () =>
  new Option('--encryption <mode>', 'whether connections with peers are encrypted')
    .choices(['prefer', 'require', 'off'] as const)
    .default('prefer' as const)
    .helpGroup(GROUP)

export const limitDownOption = (): Option<'--limit-down <rate>', undefined, undefined, number> =>
  new Option('--limit-down <rate>', 'receive no more than this a second, of all torrents together')
    .argParser(rateValue)
    .helpGroup(GROUP)

export const limitUpOption = (): Option<'--limit-up <rate>', undefined, undefined, number> =>
  new Option('--limit-up <rate>', 'send no more than this a second, of all torrents together')
    .argParser(rateValue)
    .helpGroup(GROUP)

export const noLimitLocalOption = (): Option<'--no-limit-local'> =>
  new Option('--no-limit-local', 'limit no peers of this machine and its own network').helpGroup(GROUP)

export const ratioOption = (): Option<'--ratio <n>', undefined, undefined, number> =>
  new Option('--ratio <n>', 'seed until so many times its size was uploaded').argParser(ratioValue)

export const seedTimeOption = (): Option<'--seed-time <duration>', undefined, undefined, number> =>
  new Option('--seed-time <duration>', 'seed for so long').argParser(durationValue)

/** The values of the options above. */
export interface SwarmValues {
  readonly peer?: readonly PeerAddress[] | undefined
  /** False with `--no-tracker`. */
  readonly tracker?: readonly (readonly string[])[] | boolean | undefined
  /** False with `--no-pex`. */
  readonly pex?: boolean | undefined
  readonly port?: number | undefined
  readonly bind?: string | undefined
  readonly maxPeers?: number | undefined
  readonly encryption: EncryptionMode
  readonly limitDown?: number | undefined
  readonly limitUp?: number | undefined
  /** False with `--no-limit-local`. */
  readonly limitLocal: boolean
}

export function sessionOptions(values: SwarmValues): SessionOptions {
  const { port, bind, maxPeers, encryption, limitDown, limitUp, limitLocal } = values
  const limits = { down: limitDown, up: limitUp }
  return { port, bind, maxPeers, encryption, limits, limitsLocalPeers: limitLocal }
}

/**
 * Where peers come from; names of hosts are looked up, and those that nobody knows are told and left out. Once `signal` is
 * aborted no name is waited for.
 */
export async function peerSources(
  { peer = [], tracker, pex }: SwarmValues,
  output: Output,
  signal: AbortSignal,
): Promise<Pick<AddOptions, 'peers' | 'trackers' | 'useTrackers' | 'usePeerExchange'>> {
  const found = await Promise.all(peer.map(address => resolvePeer(address, output, signal)))
  return {
    peers: found.filter(address => address !== undefined),
    trackers: Array.isArray(tracker) ? tracker : [],
    useTrackers: tracker !== false,
    usePeerExchange: pex !== false,
  }
}

async function resolvePeer(
  { host, port }: PeerAddress,
  output: Output,
  signal: AbortSignal,
): Promise<PeerAddress | undefined> {
  if (isIP(host) !== 0) return { host, port }
  try {
    return { host: (await untilAborted(lookup(host), signal)).address, port }
  } catch (error) {
    if (signal.aborted) return undefined
    const message = `--peer ${host}:${port}: ${systemReason(error)}`
    output.event({ type: 'warning', code: 'unknown-host', message })
    output.warning(message)
    return undefined
  }
}
