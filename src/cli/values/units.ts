/** Sizes, rates and durations as people type and read them. */

import { formatBytes } from '../../base/format-bytes.js'

export { formatBytes }

const BINARY = 1024
const DECIMAL = 1000
const POWERS = ['', 'k', 'm', 'g', 't', 'p']

const SIZE = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?(i?b)?)$/i
const DURATION_PART = /(\d+(?:\.\d+)?) ?([smhd])/gi
const DURATION = /^(?:\d+(?:\.\d+)? ?[smhd] ?)+$/i
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/**
 * Bytes of a size: `1024`, `16KiB`, `1.5 MiB`, `4M`, `1k`, `2MB`. `K`, `M`, `G`, `T`, `P` alone or with `iB` are powers of
 * 1024, with `B` powers of 1000, as GNU's tools read them. Undefined where the text is no size.
 */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim())
  if (match === null) return undefined
  const [, amount = '', prefix = '', suffix = ''] = match
  if (prefix === '' && suffix.toLowerCase() === 'ib') return undefined
  const base = suffix.toLowerCase() === 'b' ? DECIMAL : BINARY
  const bytes = Math.round(Number(amount) * base ** POWERS.indexOf(prefix.toLowerCase()))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Bytes per second of a rate: a size, with or without `/s` behind it. Undefined where the text is no rate. */
export function parseRate(text: string): number | undefined {
  return parseSize(text.trim().replace(/ ?\/ ?s$/i, ''))
}

/** Seconds of a duration: `90` (seconds), `90s`, `30m`, `1h 30m`, `1.5d`. Undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return finite(Number(trimmed))
  if (!DURATION.test(trimmed)) return undefined
  let seconds = 0
  for (const [, amount = '', unit = ''] of trimmed.matchAll(DURATION_PART)) {
    seconds += Number(amount) * secondsOf(unit.toLowerCase())
  }
  return finite(seconds)
}

/** `1,234,567`. Without `Intl`, which takes longer to load than to show a torrent. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Bytes per second as `12.3 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** The two largest units: `0.4s`, `42s`, `1m 05s`, `2h 07m`, `3d 04h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return twoUnits(whole, 60, 'm', 1, 's')
  if (whole < 86_400) return twoUnits(whole, 3600, 'h', 60, 'm')
  return twoUnits(whole, 86_400, 'd', 3600, 'h')
}

/** The remaining time, in whole seconds; a dash if it is unknown, or a hundred days and more. */
export function formatEta(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds) || seconds >= 100 * 86_400) return '–'
  return formatDuration(Math.max(0, Math.ceil(seconds))).replace(/\.0s$/, 's')
}

function twoUnits(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const rest = String(Math.floor((seconds % large) / small)).padStart(2, '0')
  return `${Math.floor(seconds / large)}${largeName} ${rest}${smallName}`
}

function secondsOf(unit: string): number {
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? SECONDS[unit] : Number.NaN
}

function finite(value: number): number | undefined {
  return Number.isSafeInteger(Math.ceil(value)) ? value : undefined
}
