// AUTH PLAIN and AUTH LOGIN (RFC 4954, 4616).

interface LoginSteps {
  /** Says the prompt and takes the next line. */
  ask(prompt: string, onLine: (line: string) => void): void
  refuse(reply: string): void
  check(user: string, password: string): void
}

const text = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

export function startLogin(line: string, { ask, refuse, check }: LoginSteps): void {
  const [, mechanism = '', initial] = line.split(' ')
  const takePlain = (answer: string) => {
    const [, user = '', password = ''] = text(answer).split('\0')
    check(user, password)
  }
  const takeUser = (user: string) => ask('334 UGFzc3dvcmQ6', password => check(text(user), text(password)))
  if (mechanism.toUpperCase() === 'PLAIN') {
    if (initial === undefined) ask('334 ', takePlain)
    else takePlain(initial)
  } else if (mechanism.toUpperCase() === 'LOGIN') {
    if (initial === undefined) ask('334 VXNlcm5hbWU6', takeUser)
    else takeUser(initial)
  } else refuse('504 5.5.4 mechanism not known')
}
