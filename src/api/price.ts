/** The price (`complexity`) of fields that are worked out for each object by itself. */
export const PRICE = {
  /** MJML is rendered. */
  render: 300,
  /** Readers or deliveries are counted. */
  count: 200,
  /** A statement of its own. */
  statement: 50,
} as const
