import { CodedError, reasonOf, systemCode } from '../../base/errors.js'

export type DiskErrorCode =
  | 'not-found'
  | 'permission'
  | 'full'
  /** Something else is where content has to go. */
  | 'exists'
  | 'not-a-file'
  | 'not-a-folder'
  /** A symlink is in the way: content is never written through one. */
  | 'symlink'
  | 'read-only'
  /** A file is not what it was when the work began. */
  | 'changed'
  | 'io'
  /** The storage or the pool was closed before the work was done. */
  | 'closed'

/** What the disk refused; the message is one line: what failed, where, and what to do about it. */
export class DiskError extends CodedError<DiskErrorCode, { path: string }> {}

/** The error for a file that has become shorter than its content, or is gone. */
export function tooShort(path: string): DiskError {
  return new DiskError('changed', `The file is shorter than it was: ${path}: check it again`, { path })
}

/** What was being done, as it stands in a message: "while writing /x/y". */
export type DiskAction = 'reading' | 'writing' | 'creating' | 'syncing'

/**
 * A `DiskError` for anything that a call to the file system threw; one that is a `DiskError` stays as it is.
 */
export function toDiskError(thrown: unknown, action: DiskAction, path: string): DiskError {
  if (thrown instanceof DiskError) return thrown
  const code = diskCode(systemCode(thrown))
  return new DiskError(code, diskMessage(code, action, path, thrown), { path }, { cause: thrown })
}

function diskCode(code: string): DiskErrorCode {
  switch (code) {
    case 'ENOENT':
      return 'not-found'
    case 'EACCES':
    case 'EPERM':
      return 'permission'
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'full'
    case 'EEXIST':
      return 'exists'
    case 'EISDIR':
      return 'not-a-file'
    case 'ENOTDIR':
      return 'not-a-folder'
    case 'ELOOP':
    case 'EMLINK': // FreeBSD's word for O_NOFOLLOW
      return 'symlink'
    case 'EROFS':
      return 'read-only'
    default:
      return 'io'
  }
}

function diskMessage(code: DiskErrorCode, action: DiskAction, path: string, thrown: unknown): string {
  switch (code) {
    case 'not-found':
      return `No such file or folder while ${action} ${path}: check the path`
    case 'permission':
      return `No permission while ${action} ${path}: change its permissions or choose another folder`
    case 'full':
      return systemCode(thrown) === 'EFBIG'
        ? `File too large for this disk or this user's limit while ${action} ${path}: choose another disk`
        : `No space left on the disk while ${action} ${path}: free some space and start again`
    case 'exists':
      return `Something else exists already while ${action} ${path}: move it away or choose another folder`
    case 'not-a-file':
      return `Not a regular file while ${action} ${path}: move it away or choose another folder`
    case 'not-a-folder':
      return `A file is where a folder must be while ${action} ${path}: move it away or choose another folder`
    case 'symlink':
      return `A symlink is in the way while ${action} ${path}: remove it or choose another folder`
    case 'read-only':
      return `The disk is read-only while ${action} ${path}: choose another folder`
    default:
      return `The disk failed while ${action} ${path}: ${reasonOf(thrown)}`
  }
}
