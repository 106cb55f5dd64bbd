import type { AnnounceTransport } from './announcer.js'
import { announceOnEachFamily } from './each-family.js'
import type { UdpTrackers } from './udp/udp-trackers.js'

/**
 * Announces to trackers of every kind, as the scheme of their address says. The HTTP client is loaded with the first announce that needs it:
 * that takes longer than the rest of the program's start.
 */
export function announceTransport(udpTrackers: UdpTrackers): AnnounceTransport {
  return async (url, request, options) => {
    if (/^\s*udp:/i.test(url)) {
      const announce = udpTrackers.announce.bind(udpTrackers)
      return await announceOnEachFamily(url, request, { ...options, announce })
    }
    const { announceOverHttp } = await import('./http-tracker.js')
    return await announceOnEachFamily(url, request, { ...options, announce: announceOverHttp })
  }
}
