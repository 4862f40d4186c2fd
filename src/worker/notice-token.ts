import type { Notice } from '../entities/notice'
import { toBase32 } from '../secrets/token'

/** The notice's random id: the same Message-ID on every retry. */
export const noticeToken = (notice: Notice): string =>
  toBase32(Buffer.from(notice.publicId.replaceAll('-', ''), 'hex'))
