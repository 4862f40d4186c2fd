import { testFaultTable } from './support/fault-table-tests'

testFaultTable('nodemailer’s transaction', { transport: 'plain', sink: { isPipelining: true } })
