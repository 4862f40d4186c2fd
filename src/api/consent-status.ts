import { type ConsentState, ConsentStatus } from '../entities/consent'

/** DESIGN §2: the stored DPV names, mapped for clients. */
export const statusOf: Record<ConsentState, ConsentStatus> = {
  ConsentUnknown: ConsentStatus.NOT_ASKED,
  ConsentRequested: ConsentStatus.PENDING,
  ConsentRequestDeferred: ConsentStatus.PENDING,
  ConsentGiven: ConsentStatus.GRANTED,
  RenewedConsentGiven: ConsentStatus.GRANTED,
  ConsentWithdrawn: ConsentStatus.WITHDRAWN,
  ConsentRevoked: ConsentStatus.WITHDRAWN,
  ConsentRefused: ConsentStatus.REFUSED,
  ConsentExpired: ConsentStatus.EXPIRED,
  ConsentInvalidated: ConsentStatus.RECONSENT_REQUIRED,
}
