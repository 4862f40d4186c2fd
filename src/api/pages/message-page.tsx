import { message } from '../../messages'
import { type PageFrame, page } from './layout'

/** A page that only says something: a title and a sentence. */
export function messagePage(props: PageFrame & { title: string; text: string }): string {
  return page({
    frame: props,
    title: props.title,
    noindex: true,
    children: (
      <>
        <h1>{props.title}</h1>
        <p class="lead">{props.text}</p>
      </>
    ),
  })
}

/** The answer to a request that found no page, no method or no working server. */
export function statusPage(props: PageFrame & { status: 404 | 405 | 429 | 500 | 503 }): string {
  const title = message(props.locale, `status.${props.status}.title`)
  const text = message(props.locale, `status.${props.status}.text`)
  return messagePage({
    locale: props.locale,
    siteName: props.siteName,
    policyUrl: props.policyUrl,
    title,
    text,
  })
}
