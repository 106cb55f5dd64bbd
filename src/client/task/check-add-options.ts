import { canonicalHost, isPort, type PeerAddress } from '../../protocol/peer-address.js'
import {
  checkOptions,
  isBooleanOption,
  isCountOption,
  isOneOf,
  type OptionRule,
  ratesRules,
} from '../option-error.js'
import type { AddOptions } from './task-host.js'

const PICK_ORDERS = ['random', 'rarest', 'random-then-rarest', 'sequential']

/**
 * Refuses options at once that would fail later, in an unexpected place: a peer that is given by a host name, say.
 * @throws {import('../option-error.js').OptionError}
 */
export function checkAddOptions(options: AddOptions): void {
  const { dir, mode, pick, selection, upload, goals, trustData, trackers, peers = [] } = options
  const isUrl = (url: unknown) => typeof url === 'string'
  const areTiers =
    trackers === undefined ||
    (Array.isArray(trackers) && trackers.every(tier => Array.isArray(tier) && tier.every(isUrl)))
  checkOptions([
    ['dir', typeof dir === 'string' && dir !== '' && !dir.includes('\0'), 'a path of a folder'],
    ['mode', mode !== undefined && isOneOf(mode, ['get', 'seed']), '`get` or `seed`'],
    ['pick', isOneOf(pick, PICK_ORDERS), `one of ${PICK_ORDERS.join(', ')}`],
    ['selection', selection === undefined || typeof selection === 'function', 'a function'],
    ['upload.slots', isCountOption(upload?.slots), 'a whole number from 1 on, or infinite'],
    [
      'upload.seedChoker',
      isOneOf(upload?.seedChoker, ['round-robin', 'fastest']),
      '`round-robin` or `fastest`',
    ],
    ['upload.superSeed', isBooleanOption(upload?.superSeed), 'true or false'],
    ['goals.ratio', isGoal(goals?.ratio), 'a number from 0 on'],
    ['goals.seedTimeSeconds', isGoal(goals?.seedTimeSeconds), 'a number from 0 on'],
    ['trustData', isOneOf(trustData, ['hashed', 'unread']), '`hashed` or `unread`'],
    ['trackers', areTiers, 'lists of URLs, one for each tier'],
    peersRule(peers),
    ...ratesRules(options.limits),
    ...(['sync', 'recheck', 'truncate', 'useTrackers', 'allTrackers', 'usePeerExchange'] as const).map(
      option => [option, isBooleanOption(options[option]), 'true or false'] as const,
    ),
  ])
}

/** @throws {import('../option-error.js').OptionError} for one that is a host name, say */
export function checkPeers(peers: readonly PeerAddress[]): void {
  checkOptions([peersRule(peers)])
}

function peersRule(peers: readonly PeerAddress[]): OptionRule {
  const arePeers =
    Array.isArray(peers) && peers.every(({ host, port }) => canonicalHost(host) !== undefined && isPort(port))
  return ['peers', arePeers, 'IP addresses with ports from 1 to 65535']
}

function isGoal(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0)
}
