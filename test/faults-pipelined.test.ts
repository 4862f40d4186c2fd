import { testFaultTable } from './support/fault-table-tests'

testFaultTable('our own transaction with PIPELINING', {
  transport: 'pipelined',
  sink: { isPipelining: true },
})
