// BEP 20: peer ids, Azureus style.

import type { Random } from '../../base/random.js'

/** `-TT0100-` and twelve random characters: TT is this client, then its version. */
export function makePeerId(version: string, random: Random): Uint8Array {
  const [major = '0', minor = '0', patch = '0'] = version.split('.')
  const digits = `${major.slice(-1)}${minor.slice(-1)}${patch.padStart(2, '0').slice(-2)}`
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  let text = `-TT${digits}-`
  while (text.length < 20) text += alphabet[random.below(alphabet.length)]
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** True for any version of this client. */
export function isOurClient(id: Uint8Array): boolean {
  return String.fromCharCode(...id.subarray(0, 3)) === '-TT'
}

const CLIENTS: ReadonlyMap<string, string> = new Map([
  ['AG', 'Ares'],
  ['AZ', 'Vuze'],
  ['BC', 'BitComet'],
  ['BI', 'BiglyBT'],
  ['DE', 'Deluge'],
  ['KT', 'KTorrent'],
  ['LT', 'libtorrent'],
  ['lt', 'libTorrent'],
  ['qB', 'qBittorrent'],
  ['TR', 'Transmission'],
  ['TT', 'torrent'],
  ['UT', 'µTorrent'],
  ['WW', 'WebTorrent'],
  ['A2', 'aria2'],
])

/** The client's name and version from a peer id, for people: `qBittorrent 4.5.2`; undefined if the id has none. */
export function clientOfPeerId(id: Uint8Array): string | undefined {
  const text = String.fromCharCode(...id.subarray(0, 8))
  const azureus = /^-([A-Za-z~][A-Za-z0-9~])([0-9A-Za-z]{4})-$/.exec(text)
  if (azureus !== null) {
    const [, code = '', version = ''] = azureus
    return `${CLIENTS.get(code) ?? code} ${[...version].join('.')}`
  }
  const aria2 = /^A2-(\d+)-(\d+)-/.exec(text)
  return aria2 === null ? undefined : `aria2 ${aria2[1]}.${aria2[2]}`
}
