-- join: compares or sets the settings that all replicas share, and writes this replica's first lease.
--
-- KEYS[1] settings    hash: layout, groups, publish (the command: SPUBLISH or PUBLISH), the same for all replicas
-- KEYS[2] leases
-- KEYS[3] probe       a name that holds nothing
--
-- Arguments: the replica; its lease in ms (0: refresh the settings alone); the layout of keys and messages; 1 to try
--   each command of the scripts; the replica's presence channel.
--
-- Returns {'joined' or 'differs' (nothing was written), layout, groups, publish}, each as the cluster has it;
-- or {'missing', commands that this Redis user may not run, 'key' and 'channel' where it may not use ours};
-- or {'unknown', commands that this Redis does not have}.

local replica, lease, layout = argument(), tonumber(argument()), argument()
local try_all, channel = argument() == '1', argument()

-- An error if that is not permitted, which is reported below.
local agreed = redis.pcall('HMGET', KEYS[1], 'layout', 'groups', 'publish')
local publish = agreed[3] or publish_command

if try_all then
  local missing, unknown = { 'missing' }, { 'unknown' }
  local function try(command, ...)
    local reply = redis.pcall(command, ...)
    local problem = type(reply) == 'table' and reply.err or ''
    if string.match(problem, '[Uu]nknown .*command') then unknown[#unknown + 1] = string.lower(command) end
    local refused = string.match(problem, "executing the script can't") or string.match(problem, 'permission')
    if not refused then return end
    local what = string.match(problem, 'key') or string.match(problem, 'channel') or string.lower(command)
    missing[#missing + 1] = what
  end
  -- None of these has a lasting effect. Other failures, such as READONLY, are detected below.
  try('HGET', KEYS[1], 'layout')
  try('HMGET', KEYS[1], 'layout')
  try('HGETALL', KEYS[2])
  try('HLEN', KEYS[2])
  try('HSCAN', KEYS[1], '0')
  try('HDEL', KEYS[1], '')
  try('SADD', KEYS[3], '')
  try('SCARD', KEYS[3])
  try('SRANDMEMBER', KEYS[3], '1')
  try('SREM', KEYS[3], '')
  try('EXISTS', KEYS[3])
  try('PEXPIRE', KEYS[3], ttl)
  try('DEL', KEYS[3])
  try(publish, channel, '')
  try('PUBSUB', publish == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB', channel)
  if #unknown > 1 then return unknown end
  if #missing > 1 then return missing end
end

local function others_live()
  local leases = redis.call('HGETALL', KEYS[2])
  for i = 1, #leases, 2 do
    if leases[i] ~= replica and numbers(leases[i + 1], 2)[1] > now then return true end
  end
  return false
end

if agreed.err then error(agreed.err) end
local function differs() return agreed[1] ~= layout or agreed[2] ~= ARGV[1] end
-- Settings do not apply if none of their replicas is left.
if not agreed[1] or (differs() and not others_live()) then
  agreed = { layout, ARGV[1], publish_command }
  redis.call('HSET', KEYS[1], 'layout', layout, 'groups', ARGV[1], 'publish', publish_command)
end
if differs() then return { 'differs', unpack(agreed) } end
redis.call('PEXPIRE', KEYS[1], ttl)
if lease > 0 then
  redis.call('HSET', KEYS[2], replica, whole(now + lease) .. ' 0')
  redis.call('PEXPIRE', KEYS[2], lease_ttl)
end
return { 'joined', unpack(agreed) }
