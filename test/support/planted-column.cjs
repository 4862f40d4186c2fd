// Loaded before the check of declarations: adds the column that PLANTED_COLUMN names, as `TYPE TABLE PROPERTY`, to its entity.
const { resolve } = require('node:path')

const [type, table, property] = (process.env.PLANTED_COLUMN ?? '').split(' ')
if (property) {
  require('reflect-metadata')
  const { Column, getMetadataArgsStorage } = require('typeorm')
  require(resolve('dist/database/tables.js'))
  const { Personal } = require(resolve('dist/entities/personal.js'))
  const { target } = getMetadataArgsStorage().tables.find(one => one.name === table)
  if (type === 'personal')
    Personal({ what: 'telephone number', why: 'to call', kept: 'WHILE_READER' })(target.prototype, property)
  Column(type === 'personal' ? 'varchar' : type)(target.prototype, property)
}
