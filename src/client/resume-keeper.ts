import type { Bitfield } from '../base/bitfield.js'
import type { Metainfo } from '../protocol/metainfo/metainfo.js'
import type { Storage } from './disk/storage.js'
import type { EarlierState } from './existing-data.js'
export class ResumeKeeper {
  constructor(_m: Metainfo, _d: string) {}
  isWholeVerified = false
  async load(): Promise<EarlierState | undefined> {
    return undefined
  }
  saveSometimes(_now: number, _have: Bitfield, _s: Storage): void {}
  async save(_have: Bitfield, _s: Storage, _o: { isWholeVerified?: boolean }): Promise<void> {}
}
