// The values of options, read and checked: commander turns what is thrown here into a usage error.

import { isIP } from 'node:net'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { parseDuration, parseRate, parseSize } from '../values/units.js'

const MAX_PORT = 65_535
const MIN_PIECE_LENGTH = 2 ** 14
const MAX_PIECE_LENGTH = 2 ** 26
const MIN_RATE = 1_024

/** The value of a limit that is none. */
export const NO_LIMIT = Number.POSITIVE_INFINITY

/** A count that nothing reaches, and that can still be calculated with. */
const UNLIMITED = 2 ** 31 - 1

/** A TCP port; 0 stands for any that is free. */
export function portValue(text: string): number {
  return wholeNumber(text, 0, MAX_PORT, 'A port is a number from 0 to 65535')
}

// Limits. For each of them 0 means that there is none.

/** A maximum number; 0 is no limit. */
export function countLimitValue(text: string): number {
  return wholeNumber(text, 0, UNLIMITED, 'It must be a whole number; 0 means no limit') || UNLIMITED
}

/** The ratio up to which to seed; infinite for no limit. */
export function ratioValue(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError('A ratio is a number such as 1.5; 0 means no limit')
  }
  return Number(text) || NO_LIMIT
}

/** Seconds; infinite for no limit. */
export function timeLimitValue(text: string): number {
  const seconds = parseDuration(text)
  if (seconds === undefined) {
    throw new InvalidArgumentError('A duration looks like 90s, 30m, 2h or 1d; 0 means no limit')
  }
  return seconds || NO_LIMIT
}

/** Bytes per second; 0 for no limit. Less than 1 KiB is refused: kilobytes must have been meant. */
export function rateValue(text: string): number {
  const rate = parseRate(text)
  if (rate === undefined || (rate !== 0 && rate < MIN_RATE)) {
    throw new InvalidArgumentError(
      'A rate per second looks like 500KiB or 2MB, and is at least 1KiB; 0 means no limit',
    )
  }
  return rate
}

/** Whole seconds. */
export function intervalValue(text: string): number {
  const seconds = Math.round(parseDuration(text) ?? 0)
  if (seconds < 1) throw new InvalidArgumentError('An interval looks like 90s, 30m or 2h, and is at least 1s')
  return seconds
}

/** A name for a file or a folder. */
export function nameValue(text: string): string {
  if (text === '' || text === '.' || text === '..' || /[/\0]/.test(text)) {
    throw new InvalidArgumentError('It must be the name of a file or folder, without a path')
  }
  return text
}

/** Bytes, or `auto`. */
export function pieceLengthValue(text: string): number | 'auto' {
  if (text === 'auto') return text
  const bytes = parseSize(text)
  const isFit = bytes !== undefined && bytes >= MIN_PIECE_LENGTH && bytes <= MAX_PIECE_LENGTH
  if (!isFit || !Number.isInteger(Math.log2(bytes))) {
    throw new InvalidArgumentError('A piece length is auto, or a power of two from 16KiB to 64MiB')
  }
  return bytes
}

/** The address of a peer: `<host>:<port>` with a name or an address, IPv6 in brackets. */
export function peerValue(text: string): PeerAddress {
  return hostAndPort(text, 'A peer')
}

/** The address of a node of the DHT, as of `peerValue`. */
export function nodeValue(text: string): PeerAddress {
  return hostAndPort(text, 'A node')
}

/** An address to listen on. */
export function addressValue(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It must be an IPv4 or IPv6 address of this machine')
  return text
}

/** A tier of trackers: addresses with commas between. */
export function tierValue(text: string): string[] {
  return text.split(',').map(url => trackerOf(url.trim()))
}

/** One more source. Standard input can be read once. */
export function sourceValues(text: string, others: readonly string[] = []): string[] {
  if (text === '-' && others.includes('-')) {
    throw new InvalidArgumentError('Standard input (-) can be read only once')
  }
  return [...others, text]
}

/** The address of a web seed. */
export function webSeedValue(text: string): string {
  return urlOf(text, ['http:', 'https:'])
}

/** Any text. */
export function textValue(text: string): string {
  return text
}

function hostAndPort(text: string, what: string): PeerAddress {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s]+)):(\d+)$/.exec(text)
  const [, bracketed, name, digits = ''] = match ?? []
  const port = Number(digits)
  if (match === null || (bracketed !== undefined && isIP(bracketed) !== 6) || port < 1 || port > MAX_PORT) {
    throw new InvalidArgumentError(`${what} is <host>:<port>, such as 192.0.2.1:6881 or [2001:db8::1]:6881`)
  }
  return { host: bracketed ?? name ?? '', port }
}

function trackerOf(text: string): string {
  const url = urlOf(text, ['http:', 'https:', 'udp:'])
  if (/^udp:/i.test(url) && new URL(url).port === '') {
    throw new InvalidArgumentError('A UDP tracker needs a port, as in udp://tracker.example.org:6969')
  }
  return url
}

/** The address as it was typed, once it is known to be one. */
function urlOf(text: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '' || !protocols.includes(url.protocol)) {
    throw new InvalidArgumentError(
      `The address must start with ${protocols.map(each => `${each}//`).join(' or ')}`,
    )
  }
  return text
}

function wholeNumber(text: string, from: number, to: number, rule: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < from || number > to) throw new InvalidArgumentError(rule)
  return number
}
