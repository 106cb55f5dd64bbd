// Addresses hold secrets: a password before the host, a passkey in the query or in the path. Every address that is
// printed goes through one of these functions.

const MAX_SHOWN = 200

const PARTS = /^([a-z][a-z0-9+.-]*:\/\/|)([^/?#\\]*)([^?#]*)(\?[^#]*|)/i

/** In what is no valid address: a password may hold any character. */
const BROKEN_USER_INFO = /\/\/.*@/s

/** Names of query parameters that hold a secret. */
const SECRET_NAME = /pass|key|token|auth|secret|sig|cred|session|pwd|^(?:pw|pid|uk|hash|sid|jwt)$/i

const LONGEST_PLAIN_VALUE = 15

/**
 * An address for messages, warnings and the debug log, on one line and at most 200 characters long: without user name
 * and password, and with `***` in place of whatever looks like a secret. In the path that is a component with a long
 * run of mixed letters and digits, as the passkeys of private trackers are; in the query a value that is long, or
 * whose name says so. The fragment is left out. Text that is not a URL loses everything between `//` and `@`.
 */
export function shownUrl(url: string): string {
  const clean = URL.canParse(url) ? url : url.replace(BROKEN_USER_INFO, '//***@')
  const [, scheme = '', authority = '', path = '', query = ''] = PARTS.exec(clean) ?? []
  const shownPath = path
    .split('/')
    .map(component => (looksSecret(component) ? '***' : component))
    .join('/')
  return onOneLine(scheme.toLowerCase() + hostOf(authority) + shownPath + shownQuery(query))
}

/**
 * An address for `info` and its like, where people look up what a torrent holds: whole, passkey included, but with
 * `***` in place of the password, or of a user name that stands alone, since that is a token.
 */
export function withoutPassword(url: string): string {
  return replaceUserInfo(url, userInfo => {
    const colon = userInfo.indexOf(':')
    return colon > 0 ? `${userInfo.slice(0, colon)}:***@` : '***@'
  })
}

/** An address to pass on, as in a magnet link: as it is, but without user name and password. */
export function withoutUserInfo(url: string): string {
  return replaceUserInfo(url, () => '')
}

/** A text that repeats what was typed, with `***` for what stands between `//` and `@` in any address in it. */
export function withoutUserInfos(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi, '$1***@')
}

function replaceUserInfo(url: string, replacement: (userInfo: string) => string): string {
  if (!URL.canParse(url)) return url.replace(BROKEN_USER_INFO, () => `//${replacement('')}`)
  const [, scheme = '', authority = ''] = PARTS.exec(url) ?? []
  const at = authority.lastIndexOf('@')
  if (at < 0) return url
  return scheme + replacement(authority.slice(0, at)) + url.slice(scheme.length + at + 1)
}

function hostOf(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1)
}

function shownQuery(query: string): string {
  if (query.length < 2) return ''
  const parameters = query.slice(1).split('&')
  return `?${parameters.map(shownParameter).join('&')}`
}

function shownParameter(parameter: string): string {
  const [name = '', ...rest] = parameter.split('=')
  if (rest.length === 0) return name.length > LONGEST_PLAIN_VALUE ? '***' : name
  const value = rest.join('=')
  if (value === '') return parameter
  return SECRET_NAME.test(name) || value.length > LONGEST_PLAIN_VALUE ? `${name}=***` : parameter
}

/** True if a text holds a long unbroken run of letters and digits, which keys have and file names do not. */
function looksSecret(text: string): boolean {
  return (text.match(/[a-z0-9]{16,}/gi) ?? []).some(run => /\d/.test(run) && /[a-z]/i.test(run))
}

function onOneLine(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ')
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line
}
