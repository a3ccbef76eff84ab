/** Words that people use for one another when they say what a program does. One line, one meaning. */
export const meanings: string[][] = `
  get fetch read load retrieve download
  make create build generate produce
  add insert append
  remove delete drop erase clear discard
  change update edit modify replace
  find search look locate detect
  show list display print
  send mail email post deliver notify
  convert turn transform translate
  join merge combine concatenate
  split divide partition separate
  copy backup save store snapshot
  compare diff match
  check verify validate test audit
  run execute start launch
  count number total sum
  sort order rank
  group cluster segment classify categorize categorise
  predict forecast estimate project
  summarize summarise summary digest overview
  plot chart graph draw visualise visualize
  compress shrink reduce
  error failure exception crash bug
  file document
  picture image photo
  page site website web url
  link url address
  table spreadsheet sheet csv dataset
  row record entry line
  duplicate repeated unique
  customer client buyer user
  person people employee staff
  price cost
  money cash payment
  invoice bill
  key secret password credential token
  meeting appointment call
  calendar schedule
  message text chat
  package dependency library module
  issue ticket bug
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(' '));
