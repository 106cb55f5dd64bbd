import type { FinderKind } from '../discovery/finder.js'
import type { Rates } from './limits/rate-limits.js'
import type { EncryptionMode } from './net/encryption/encryption-mode.js'
import { checkOptions, isBooleanOption, isCountOption, isOneOf, ratesRules } from './option-error.js'

export interface SessionOptions {
  /** The port to listen on. Undefined: 6881 to 6889, or any that is free; 0: any. */
  readonly port?: number | undefined
  /** The local address for all connections, or a name that stands for one. */
  readonly bind?: string | undefined
  /** Connections of all torrents together. */
  readonly maxPeers?: number | undefined
  /** Of connections with peers; default `prefer`. */
  readonly encryption?: EncryptionMode | undefined
  /** Of all torrents together. */
  readonly limits?: Rates | undefined
  /**
   * True to apply limits, including those of torrents, to peers on this machine and in its local network (default: true, since a
   * limit that is set and does not hold would be a surprise).
   */
  readonly limitsLocalPeers?: boolean | undefined
  /** True to look for peers in the local network, and to be found there (BEP 14). Default: false. */
  readonly localDiscovery?: boolean | undefined
  /** More finders, for each torrent that may use them (BEP 27). */
  readonly finders?: readonly FinderKind[] | undefined
  /** The interval at which new content is synced and the state of a torrent saved, in ms. Default: 30,000. */
  readonly saveIntervalMs?: number | undefined
}

const MAX_PORT = 65_535

/**
 * Refuses options at once that would fail later, in an unexpected place.
 * @throws {import('./option-error.js').OptionError}
 */
export function checkSessionOptions(options: SessionOptions): void {
  const { port, bind, maxPeers, encryption, limits, limitsLocalPeers, localDiscovery, finders } = options
  const { saveIntervalMs } = options
  const isPort = port === undefined || (Number.isInteger(port) && port >= 0 && port <= MAX_PORT)
  checkOptions([
    ['port', isPort, `a whole number from 0 to ${MAX_PORT}`],
    ['bind', bind === undefined || (typeof bind === 'string' && bind !== ''), 'an address of this machine'],
    ['maxPeers', isCountOption(maxPeers), 'a whole number from 1 on, or infinite'],
    ['encryption', isOneOf(encryption, ['prefer', 'require', 'off']), '`prefer`, `require` or `off`'],
    ...ratesRules(limits),
    ['limitsLocalPeers', isBooleanOption(limitsLocalPeers), 'true or false'],
    ['localDiscovery', isBooleanOption(localDiscovery), 'true or false'],
    ['finders', finders === undefined || Array.isArray(finders), 'a list of what finds peers'],
    ['saveIntervalMs', saveIntervalMs === undefined || saveIntervalMs > 0, 'milliseconds, more than 0'],
  ])
}
