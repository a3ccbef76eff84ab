import { createHash } from 'node:crypto';

/**
 * Every change is one script, so Redis does it whole and alone. The version of a document is the SHA-1 of what describes it,
 * which also holds for what py-code-mode wrote. All keys of one call share the prefix, and with it the slot of a cluster.
 */
export interface Script {
  source: string;
  sha1: string;
}

/** Keys: data, index. Arguments: name. Returns entry and data of one moment. */
export const readDocument = script(`
  return { redis.call('HGET', KEYS[2], ARGV[1]), redis.call('GET', KEYS[1]) }`);

/** Keys: data, index. Arguments: name. Returns entry, size, whether the data is there. */
export const readEntry = script(`
  return { redis.call('HGET', KEYS[2], ARGV[1]), redis.call('STRLEN', KEYS[1]), redis.call('EXISTS', KEYS[1]) }`);

/** Keys: data, index. Arguments: name, version, first byte, last byte. Returns the bytes, or nothing when the version is another. */
export const readRange = script(`
  local entry = redis.call('HGET', KEYS[2], ARGV[1])
  if not entry or redis.sha1hex(entry) ~= ARGV[2] then return false end
  return redis.call('GETRANGE', KEYS[1], ARGV[3], ARGV[4])`);

/** Returns the version that is there when another was expected; else it is in `actual`. */
const checkDocument = `
  local entry = redis.call('HGET', KEYS[2], ARGV[1])
  local actual = 'absent'
  if entry and redis.call('EXISTS', KEYS[1]) == 1 then actual = redis.sha1hex(entry) end
  if ARGV[2] ~= '' and actual ~= ARGV[2] then return actual end`;

/** Keys: data, index, and the key of an upload or none. Arguments: name, expected version, entry, bytes when there is no upload. */
export const writeDocument = script(`${checkDocument}
  if KEYS[3] then
    if redis.call('EXISTS', KEYS[3]) == 0 then return 'expired' end
    redis.call('RENAME', KEYS[3], KEYS[1])
    redis.call('PERSIST', KEYS[1])
  else
    redis.call('SET', KEYS[1], ARGV[4])
  end
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  return 'written'`);

/** Keys: data, index. Arguments: name, expected version. */
export const deleteDocument = script(`${checkDocument}
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('DEL', KEYS[1])
  return actual == 'absent' and 'nothing' or 'written'`);

/** The same for a field of a hash. */
const checkField = `
  local value = redis.call('HGET', KEYS[1], ARGV[1])
  local actual = value and redis.sha1hex(value) or 'absent'
  if ARGV[2] ~= '' and actual ~= ARGV[2] then return actual end`;

/** Keys: a hash. Arguments: name, expected version, value. */
export const writeField = script(`${checkField}
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  return 'written'`);

/** Keys: a hash. Arguments: name, expected version. */
export const deleteField = script(`${checkField}
  return redis.call('HDEL', KEYS[1], ARGV[1]) == 1 and 'written' or 'nothing'`);

const setVersion = `
  local function versionOf(key)
    local members = redis.call('SMEMBERS', key)
    if #members == 0 then return 'absent', members end
    table.sort(members)
    return redis.sha1hex(table.concat(members, '\\n')), members
  end`;

/** Keys: a set. Returns version and members. */
export const readSet = script(`${setVersion}
  local version, members = versionOf(KEYS[1])
  return { version, members }`);

/** Keys: a set. Arguments: expected version, members. Returns the new version, or what was found instead. */
export const writeSet = script(`${setVersion}
  local actual, members = versionOf(KEYS[1])
  if ARGV[1] ~= '' and actual ~= ARGV[1] then return { 'conflict', actual } end
  redis.call('DEL', KEYS[1])
  for at = 2, #ARGV do redis.call('SADD', KEYS[1], ARGV[at]) end
  return { #members > 0 and 'replaced' or 'written', (versionOf(KEYS[1])) }`);

function script(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}
