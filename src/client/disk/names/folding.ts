// The names that count as one for file systems that merge names: vfat, exFAT, NTFS, APFS and HFS+ by default, ext4 and f2fs in
// folders that were marked for it.

/** The differences between names that a file system ignores. */
export interface Merging {
  readonly case: boolean
  /** Composed and decomposed accents: é as one character, or as e and a combining accent. */
  readonly forms: boolean
}

export const MERGES_NOTHING: Merging = { case: false, forms: false }
export const MERGES_ALL: Merging = { case: true, forms: true }

/** Equal for names, or paths, that some file system takes for one. */
export function foldedName(name: string): string {
  if (isPlainAscii(name)) return name.toUpperCase()
  return name
    .normalize('NFC')
    .toUpperCase()
    .normalize('NFC')
    .replace(/[\u200c\u200d]/g, '')
}

/** Equal for names, or paths, that such a file system takes for one. */
export function foldFor({ case: mergesCase, forms }: Merging): (name: string) => string {
  if (mergesCase && forms) return foldedName
  if (mergesCase) return name => name.toUpperCase()
  return forms ? name => name.normalize('NFC') : name => name
}

/** Printable ASCII, as most names are: what Unicode asks for need not be looked for. */
export function isPlainAscii(name: string): boolean {
  return /^[\x20-\x7e]*$/.test(name)
}
