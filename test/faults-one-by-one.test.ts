import { testFaultTable } from './support/fault-table-tests'

testFaultTable('our own transaction, one command at a time', { transport: 'pipelined', sink: {} })
