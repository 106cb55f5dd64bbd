import type { Magnet } from '../../protocol/magnet.js'
import { CliError } from '../errors/cli-error.js'
import type { Output } from '../output/output.js'
import type { AddOptions } from '../session/session-port.js'
import { shownNameOf } from '../torrents/torrent-facts.js'
import { resolvePeers } from './swarm-options.js'

type Sources = Pick<AddOptions, 'peers' | 'trackers' | 'useTrackers' | 'allTrackers' | 'usePeerExchange'>

/**
 * Where the peers of a magnet link come from: those that the command line names, and those that the link names. Host names are
 * looked up.
 * @throws {CliError} where nothing can be asked for peers
 */
export async function magnetSources(
  magnet: Magnet,
  from: Sources,
  output: Output,
  signal: AbortSignal,
): Promise<Sources> {
  const named = await resolvePeers(magnet.peers, 'x.pe', output, signal)
  const peers = [...(from.peers ?? []), ...named]
  const trackers = [...(from.useTrackers === false ? [] : magnet.trackers), ...(from.trackers ?? [])]
  if (peers.length === 0 && trackers.length === 0 && !signal.aborted) {
    const name = shownNameOf(magnet)
    const what = `${name}: there is no tracker and no peer to get it from: give a tracker with --tracker or a peer with --peer`
    throw new CliError('usage', what, { subject: name })
  }
  return { ...from, peers }
}
