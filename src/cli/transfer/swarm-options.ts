import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { untilAborted } from '../../base/until-aborted.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { systemReason } from '../errors/system-reason.js'
import type { ParsedOptions } from '../options/option-table.js'
import type { Output } from '../output/output.js'
import type { AddOptions, SessionOptions } from '../session/session-port.js'

type SessionValues = Pick<
  ParsedOptions<'get'>,
  'port' | 'bind' | 'maxPeers' | 'encryption' | 'limitDown' | 'limitUp' | 'limitLocal' | 'lsd'
>
type SourceValues = Pick<ParsedOptions<'get'>, 'peer' | 'tracker' | 'noTracker' | 'allTrackers' | 'pex'>
type UploadValues = Pick<ParsedOptions<'get'>, 'slots' | 'seedChoker'> & { readonly superSeed?: boolean }

export function sessionOptions(values: SessionValues): SessionOptions {
  const { port, bind, maxPeers, encryption, limitDown, limitUp, limitLocal, lsd } = values
  const limits = { down: limitDown, up: limitUp }
  return { port, bind, maxPeers, encryption, limits, limitsLocalPeers: limitLocal, localDiscovery: lsd }
}

/** The options of uploading. */
export function uploadOptions({
  slots,
  seedChoker,
  superSeed = false,
}: UploadValues): Pick<AddOptions, 'upload'> {
  return { upload: { slots, seedChoker, superSeed } }
}

/**
 * The sources of peers. Host names are resolved; one that cannot be found is left out, with a warning. Once `signal` is aborted,
 * pending lookups are abandoned.
 */
export async function peerSources(
  { peer, tracker, noTracker, allTrackers, pex }: SourceValues,
  output: Output,
  signal: AbortSignal,
): Promise<Pick<AddOptions, 'peers' | 'trackers' | 'useTrackers' | 'allTrackers' | 'usePeerExchange'>> {
  return {
    peers: await resolvePeers(peer, '--peer', output, signal),
    trackers: tracker,
    useTrackers: !noTracker,
    allTrackers,
    usePeerExchange: pex,
  }
}

/**
 * Looks up the host names of peers.
 * @param named what names them, for warnings
 */
export async function resolvePeers(
  peers: readonly PeerAddress[],
  named: string,
  output: Output,
  signal: AbortSignal,
): Promise<PeerAddress[]> {
  const found = await Promise.all(peers.map(peer => resolvePeer(peer, named, output, signal)))
  return found.filter(address => address !== undefined)
}

async function resolvePeer(
  { host, port }: PeerAddress,
  named: string,
  output: Output,
  signal: AbortSignal,
): Promise<PeerAddress | undefined> {
  if (isIP(host) !== 0) return { host, port }
  try {
    return { host: (await untilAborted(lookup(host), signal)).address, port }
  } catch (error) {
    if (signal.aborted) return undefined
    const message = `${named} ${host}:${port}: ${systemReason(error)}`
    output.warn('unknown-host', message)
    return undefined
  }
}
