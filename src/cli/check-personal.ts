// The declaration gate: nobody adds a column about a person without saying what, why and how long. Run by `npm run check`.
import 'reflect-metadata'
import { entities } from '../database/tables'
import { undeclared } from '../database/undeclared'
import { undeclaredWords } from '../privacy/declared-words'

const problems = [...undeclared(entities), ...undeclaredWords()]
for (const problem of problems) console.error(problem)
console.log(problems.length === 0 ? 'Every column is declared personal or not.' : 'See the above.')
process.exitCode = problems.length === 0 ? 0 : 1
