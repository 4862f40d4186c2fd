/** Something a person can act on: shown as it is, without a stack; the command ends with 1. */
export class Problem extends Error {}
