// "Why did I get this mail?": the yes that allowed it.
import type { ConsentEvent } from '../entities/consent-event'
import { DeliveryStatus } from '../entities/delivery'

/** Past its gate: something may have arrived, so a yes must have allowed it. */
export const isOut = (status: DeliveryStatus): boolean =>
  [DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED].includes(
    status,
  )

/**
 * The last yes for the purpose before the gate passed; undefined for what did not go out. `yeses` are the reader's, oldest
 * first. Where the moment of the gate is no longer kept, the last change of status stands for it.
 */
export const allowingYes = (
  yeses: readonly ConsentEvent[],
  purposeId: number,
  { status, at, passedAt = at }: { status: DeliveryStatus; at: Date; passedAt?: Date },
): ConsentEvent | undefined =>
  isOut(status) ? yeses.findLast(yes => yes.purposeId === purposeId && yes.at <= passedAt) : undefined
