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
  countLimitValue,
  peerValues,
  portValue,
  rateValue,
  ratioValue,
  tierValues,
  timeLimitValue,
} from '../values/option-values.js'

const GROUP = 'Swarm options:'

// Options of `get` and of `seed`, one by one, so that the types of their values are inferred where they are used.

export const peerOption = (): Option<'--peer <host:port>', undefined, undefined, PeerAddress[]> =>
  new Option('--peer <host:port>', 'connect to this peer as well (repeatable)')
    .argParser(peerValues)
    .helpGroup(GROUP)

export const trackerOption = (): Option<'-t, --tracker <url>', undefined, undefined, string[][]> =>
  new Option('-t, --tracker <url>', "a tracker besides the torrent's own (repeatable)")
    .argParser(tierValues)
    .helpGroup(GROUP)

/**
 * A setting of its own: to commander, `--no-x` and `--x` are one setting, of which the last given wins. The flag is written
 * after the option was made, so that commander does not see a negation in it.
 */
export function noTrackerOption(): Option<'--noTracker'> {
  const option = new Option('--noTracker', "ask none of the torrent's own trackers, only those of -t")
  option.flags = '--no-tracker'
  option.long = '--no-tracker'
  return option.helpGroup(GROUP)
}

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

export const maxPeersOption = (): Option<'--max-peers <n>', undefined, 200, number> =>
  new Option('--max-peers <n>', 'connections at a time, 0 for no limit')
    .argParser(countLimitValue)
    .default(200)
    .helpGroup(GROUP)

export const encryptionOption = () =>
  new Option('--encryption <mode>', 'whether connections with peers are encrypted')
    .choices(['prefer', 'require', 'off'] as const)
    .default('prefer' as const)
    .helpGroup(GROUP)

export const limitDownOption = (): Option<'--limit-down <rate>', undefined, 0, number> =>
  new Option('--limit-down <rate>', 'most to receive per second, all torrents together, 0 for no limit')
    .argParser(rateValue)
    .default(0)
    .helpGroup(GROUP)

export const limitUpOption = (): Option<'--limit-up <rate>', undefined, 0, number> =>
  new Option('--limit-up <rate>', 'most to send per second, all torrents together, 0 for no limit')
    .argParser(rateValue)
    .default(0)
    .helpGroup(GROUP)

export const noLimitLocalOption = (): Option<'--no-limit-local'> =>
  new Option('--no-limit-local', 'do not limit peers on this machine and in its own network').helpGroup(GROUP)

export const ratioOption = (): Option<'--ratio <n>', undefined, undefined, number> =>
  new Option(
    '--ratio <n>',
    'seed until this many times the size was uploaded, counted over all starts, 0 for no limit (default: 0)',
  ).argParser(ratioValue)

export const seedTimeOption = (): Option<
  '--seed-time <duration>',
  undefined,
  undefined,
  number | undefined
> =>
  new Option(
    '--seed-time <duration>',
    'seed for this long, counted over all starts with this option, 0 for no limit (default: 0)',
  ).argParser(timeLimitValue)

/** The values of the options above. */
export interface SwarmValues {
  readonly peer?: readonly PeerAddress[] | undefined
  /** The tiers of `-t`. */
  readonly tracker?: readonly (readonly string[])[] | undefined
  /** Whether only the trackers of `-t` are asked. */
  readonly noTracker?: true | undefined
  /** False with `--no-pex`. */
  readonly pex?: boolean | undefined
  readonly port?: number | undefined
  readonly bind?: string | undefined
  readonly maxPeers: number
  readonly encryption: EncryptionMode
  readonly limitDown: number
  readonly limitUp: number
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
  { peer = [], tracker = [], noTracker, pex }: SwarmValues,
  output: Output,
  signal: AbortSignal,
): Promise<Pick<AddOptions, 'peers' | 'trackers' | 'useTrackers' | 'usePeerExchange'>> {
  const found = await Promise.all(peer.map(address => resolvePeer(address, output, signal)))
  return {
    peers: found.filter(address => address !== undefined),
    trackers: tracker,
    useTrackers: noTracker !== true,
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
    output.warn('unknown-host', message)
    return undefined
  }
}
