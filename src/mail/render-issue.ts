// What is wrong with a newsletter's content, in a form an editor can show at the line.

export interface Issue {
  /** From 1, in the MJML as the author wrote it; absent where the problem has no line. */
  line?: number
  message: string
  /** The MJML or HTML element it is about. */
  tag?: string
}
