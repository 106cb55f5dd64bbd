import type { Bitfield } from '../base/bitfield.js'
import { withoutUserInfo } from '../base/shown-url.js'
import type { EntryList } from '../protocol/metainfo/metainfo.js'
import type { Services } from './services.js'

/** The services of this process, each loaded when it is first called: `torrent --version` needs none of them. */
export const services: Services = {
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
  async toMagnet(metainfo, selected) {
    const { toMagnet } = await import('../protocol/magnet.js')
    const { rangesOf } = await import('../protocol/file-ranges.js')
    const { infoHashV1, infoHashV2, name, size } = metainfo
    // A link is passed on: a password in a tracker's address stays here.
    const trackers = metainfo.trackers.map(tier => tier.map(withoutUserInfo))
    const webSeeds = metainfo.webSeeds.map(withoutUserInfo)
    const selectOnly = selected && rangesOf(filesAmong(metainfo.entries, selected))
    return toMagnet({ infoHashV1, infoHashV2, name, size, trackers, webSeeds, selectOnly })
  },
  async wrapInfo(metainfo) {
    const { wrapInfoInSteps } = await import('../protocol/metainfo/wrap-info.js')
    const { inTurns } = await import('../client/in-turns.js')
    return await inTurns(wrapInfoInSteps(metainfo))
  },
  async draftTorrent(path, options) {
    await startThread()
    const { draftTorrent } = await import('../client/create/draft-torrent.js')
    const draft = await draftTorrent(path, options)
    return {
      ...draft,
      build(work) {
        const built = draft.build(work)
        // The parser that will read the torrent back is loaded while others hash.
        void Promise.allSettled([import('../protocol/metainfo/parse.js'), import('../protocol/magnet.js')])
        return built
      },
    }
  },
  async checkContent(metainfo, dir, options) {
    await startThread()
    const { checkContent } = await import('../client/check-content.js')
    return await checkContent(metainfo, dir, options)
  },
  async previewContent(metainfo, dir, options) {
    await startThread()
    const { previewContent } = await import('../client/preview-content.js')
    return await previewContent(metainfo, dir, options)
  },
  async scrapeTrackers(urls, infoHashes, options) {
    const { scrapeTrackers } = await import('../client/scrape-trackers.js')
    return await scrapeTrackers(urls, infoHashes, options)
  },
  async listenTracker(options) {
    const { TrackerServer } = await import('../tracker/tracker-server.js')
    return await TrackerServer.listen(options)
  },
  async openSession(options) {
    await startThread()
    const { LocalSession } = await import('./session/local-session.js')
    return await LocalSession.open(options)
  },
}

/** Before the rest is loaded: what is going to work on files starts meanwhile. */
async function startThread(): Promise<void> {
  const { startAhead } = await import('../client/disk/threads.js')
  startAhead()
}

/** The selected files, without pads and symlinks, by their place in the torrent's list. */
function* filesAmong(entries: EntryList, selected: Bitfield): Generator<number> {
  for (const index of selected) if (entries.at(index)?.type === 'file') yield index
}
