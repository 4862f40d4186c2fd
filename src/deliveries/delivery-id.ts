/** The public id of a delivery: both random references, hex. Opaque, and worthless as a credential (no MAC). */
export const deliveryId = (newsletterReference: Buffer, readerReference: Buffer): string =>
  newsletterReference.toString('hex') + readerReference.toString('hex')
