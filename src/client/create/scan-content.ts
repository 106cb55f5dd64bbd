import { fromFacts } from '../disk/links/worker-link.js'
import type { ScanAnswer, ScannedItem, ScanOptions, ScanRequest, ScanResult } from '../disk/scan-messages.js'
import { giveBack, takeThread } from '../disk/threads.js'

export interface ScannedContent extends ScanResult {
  readonly items: readonly ScannedItem[]
}

/**
 * Lists what a torrent of `path` would hold: on another thread, where a call to the system costs least.
 * @throws {import('../disk/disk-error.js').DiskError} for what is not there or cannot be read
 */
export async function scanContent(path: string, options: ScanOptions = {}): Promise<ScannedContent> {
  const thread = takeThread()
  try {
    return await new Promise<ScannedContent>((resolve, reject) => {
      const items: ScannedItem[] = []
      thread.on('message', (answer: ScanAnswer) => {
        switch (answer.type) {
          case 'items':
            items.push(...answer.items)
            break
          case 'scanned':
            resolve({ ...answer, items })
            break
          case 'scan-failed':
            reject(fromFacts(answer.error))
        }
      })
      const request: ScanRequest = { scan: { path, options } }
      thread.postMessage(request)
    })
  } finally {
    giveBack(thread)
  }
}
