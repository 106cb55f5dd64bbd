import type { Rooms } from './ports.js'

/** The other rooms of the house, each loaded when it is first entered: `torrent --version` needs none of them. */
export const rooms: Rooms = {
  async parseMetainfo(bytes) {
    const { parseMetainfoInSteps } = await import('../protocol/metainfo/parse.js')
    const { inTurns } = await import('../client/in-turns.js')
    const { nodeDigests } = await import('../client/digests.js')
    return await inTurns(parseMetainfoInSteps(bytes, nodeDigests))
  },
  async parseMagnet(text) {
    const { parseMagnet } = await import('../protocol/magnet.js')
    return parseMagnet(text)
  },
  async toMagnet(metainfo) {
    const { toMagnet } = await import('../protocol/magnet.js')
    return toMagnet(metainfo)
  },
  async draftTorrent(path, options) {
    const { draftTorrent } = await import('../client/create/draft-torrent.js')
    return await draftTorrent(path, options)
  },
  async checkContent(metainfo, dir, options) {
    const { checkContent } = await import('../client/check-content.js')
    return await checkContent(metainfo, dir, options)
  },
  async listenTracker(options) {
    const { TrackerServer } = await import('../tracker/tracker-server.js')
    return await TrackerServer.listen(options)
  },
  async openSession(options) {
    const { Session } = await import('../client/session.js')
    return await Session.open(options)
  },
}
