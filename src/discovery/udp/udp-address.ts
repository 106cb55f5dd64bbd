import { canonicalHost, isHostName, isPort } from '../../protocol/peer-address.js'
import { asciiTarget } from '../ascii-target.js'

/** A `udp://` address, taken apart. */
export interface UdpAddress {
  /** An IP address in its one spelling, or a name. */
  readonly host: string
  readonly isName: boolean
  readonly port: number
  /** Path and query byte for byte as they were written, in ASCII (BEP 41). */
  readonly urlData: string
}

const PARTS = /^udp:\/\/([^/?#]*)([^#]*)/i
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/

/** Reads an address. It has to name a port: there is none that trackers have by default. */
export function parseUdpAddress(text: string): UdpAddress | undefined {
  const [, authority = '', urlData = ''] = PARTS.exec(text.trim()) ?? []
  const [, shownHost = '', portText = ''] =
    HOST_AND_PORT.exec(authority.slice(authority.lastIndexOf('@') + 1)) ?? []
  const port = Number(portText)
  // As for HTTP, which knows names in other scripts and other spellings of addresses.
  const base = `http://${shownHost}`
  if (shownHost === '' || /[\\@]/.test(shownHost) || !isPort(port) || !URL.canParse(base)) return undefined
  const name = new URL(base).hostname
  const host = canonicalHost(name.startsWith('[') ? name.slice(1, -1) : name)
  if (host !== undefined) return { host, isName: false, port, urlData: asciiTarget(urlData) }
  return isHostName(name) ? { host: name, isName: true, port, urlData: asciiTarget(urlData) } : undefined
}
