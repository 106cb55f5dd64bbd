import { asciiTarget } from '../ascii-target.js'

/** An `http://` or `https://` address, taken apart without changing what it asks for. */
export interface HttpAddress {
  readonly scheme: 'http:' | 'https:'
  /** Scheme, host and port; never a user name. */
  readonly origin: string
  /** Path and query byte for byte as they were written; only what HTTP cannot carry is percent-encoded. */
  readonly target: string
  /** Percent-decoded; undefined where the address has none. */
  readonly credentials: Credentials | undefined
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

const PARTS = /^(https?:)\/\/([^/?#]*)([^#]*)/i

/**
 * Reads an address. `new URL` is used for the host alone: it rewrites paths (`{`, `/../`, `\`), and a tracker or a
 * signed link may depend on each byte. Undefined for anything else than a valid address of HTTP or HTTPS.
 */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const [, schemeText = '', authority = '', rest = ''] = PARTS.exec(text.trim()) ?? []
  const scheme = schemeText.toLowerCase() === 'https:' ? 'https:' : 'http:'
  const at = authority.lastIndexOf('@')
  const host = `${scheme}//${authority.slice(at + 1)}`
  // A backslash would end the host for `new URL`, and not for us.
  if (schemeText === '' || authority.includes('\\') || !URL.canParse(host)) return undefined
  const { origin, port, hostname } = new URL(host)
  if (hostname === '' || port === '0') return undefined
  return {
    scheme,
    origin,
    target: asciiTarget(rest.startsWith('/') ? rest : `/${rest}`),
    credentials: at > 0 ? credentialsOf(authority.slice(0, at)) : undefined,
  }
}

/** The value of an `Authorization` header for the Basic scheme (RFC 7617). */
export function basicAuthorization({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/**
 * The address that a `Location` header means (RFC 3986, 5.2), again byte for byte. It may be of any scheme, and may be
 * no address at all.
 */
export function resolveLocation(location: string, { scheme, origin, target }: HttpAddress): string {
  const reference = location.trim().split('#', 1)[0] ?? ''
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return reference
  if (reference.startsWith('//')) return scheme + reference
  const [path = '/'] = target.split('?', 1)
  if (reference === '') return origin + target
  if (reference.startsWith('?')) return origin + path + reference
  const [referencePath = ''] = reference.split('?', 1)
  const query = reference.slice(referencePath.length)
  const merged = referencePath.startsWith('/')
    ? referencePath
    : path.slice(0, path.lastIndexOf('/') + 1) + referencePath
  return origin + withoutDotSegments(merged) + query
}

function credentialsOf(userInfo: string): Credentials {
  const [user = '', ...rest] = userInfo.split(':')
  return { user: unescaped(user), password: unescaped(rest.join(':')) }
}

/** A `%` that escapes nothing stands for itself. */
function unescaped(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}

function withoutDotSegments(path: string): string {
  const kept: string[] = []
  const components = path.split('/').slice(1)
  for (const [index, component] of components.entries()) {
    const isLast = index === components.length - 1
    if (component === '..') kept.pop()
    if (component !== '.' && component !== '..') kept.push(component)
    else if (isLast) kept.push('')
  }
  return `/${kept.join('/')}`
}
