-- commit: one replica says what it holds of some topics of one slot, and renews its lease there.
--
-- KEYS[1]     leases
-- KEYS[2]     of:<replica>
-- KEYS[3...]  one topic for each change
--
-- ARGV[1]  replica
-- ARGV[2]  lease, ms
-- ARGV[3]  for how long, in ms, a key outlives whoever should tend it
-- ARGV[4]  number of this commit: grows with each
-- ARGV[5]  number of the newest commit that was kept, or 0 where the replica holds nothing here
-- ARGV[6]  SPUBLISH or PUBLISH
-- ARGV[7]  how many groups
-- ARGV[8]  1: also let the slot's keys live on, and look at the leases of others
-- then for each change: topic, channel, interval (ms), counts ("12 340"), 1 to let the topic live on (2: and somebody of ours must be in it), how many people,
--          and for each person: key, group ('' for nowhere), device where held ('-': none, '': live), device where live
--
-- Answers {'kept', ms until the next lease of another lapses (-1: there is none, -2: nobody looked), whose,
--          then for each change: version, totals, ms until the caller must publish (-1: it need not)},
-- or {'lost'}: the replica has been forgotten here, or a topic with people of it; what was done is harmless,
-- or {'behind'}: what it said last is not known here, but something before is (a failover); nothing was done,
-- or {'late'}: a newer commit has been here before; nothing was done.

local me, lease, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local number, kept = tonumber(ARGV[4]), tonumber(ARGV[5])
local how, groups = ARGV[6], tonumber(ARGV[7])
local now, micros = clock()

-- All leases are read by renewals alone: what commits cost does not grow with the square of the replicas.
local next_at, next_is = nil, ''
local leases = ARGV[8] == '1' and redis.call('HGETALL', KEYS[1]) or {}
for i = 1, #leases, 2 do
  local ends = numbers(leases[i + 1], 2)[1]
  if leases[i] ~= me and (next_at == nil or ends < next_at) then
    next_at, next_is = ends, leases[i]
  end
end
local known = redis.call('HGET', KEYS[1], me)
local mine = known and numbers(known, 2) or nil

if mine and mine[2] >= number then return { 'late' } end
if kept > 0 then
  if mine == nil or mine[1] == 0 then return { 'lost' } end
  if mine[2] < kept then return { 'behind' } end
end

redis.call('HSET', KEYS[1], me, whole(now + lease) .. ' ' .. whole(number))
local answer = { 'kept', next_at and math.max(0, next_at - now) or (ARGV[8] == '1' and -1 or -2), next_is }

local at = 8
local function argument()
  at = at + 1
  return ARGV[at]
end

for k = 3, #KEYS do
  local name, channel, interval = argument(), argument(), tonumber(argument())
  local counts, refresh = numbers(argument(), groups), argument()
  local fields, people = { 'r:' .. me }, {}
  for i = 1, tonumber(argument()) do
    local person = { key = argument(), group = tonumber(argument()), held = argument(), device = argument() }
    people[i] = person
    fields[#fields + 1] = 'p:' .. person.key
    if person.device ~= '' then fields[#fields + 1] = 'h:' .. person.device end
  end

  local topic = open(KEYS[k], groups, fields)
  -- Evicted, or deleted: counts are said here, but people would be missing until they move.
  if refresh == '2' and not topic.exists then return { 'lost' } end
  local had = not none(row(topic, me, groups))
  set_counts(topic, me, counts, groups)
  for _, person in ipairs(people) do
    set_person(topic, me, person.key, person.group, person.held ~= '' and person.held or nil, groups)
    if person.device ~= '' then end_held(topic, person.device, person.key, groups) end
  end
  stamp(topic, micros)
  local due = publish(topic, how, channel, interval, now)
  write(topic, interval, ttl, refresh ~= '0')

  local has = not none(row(topic, me, groups))
  if has and (refresh ~= '0' or not had) then
    redis.call('SADD', KEYS[2], name)
  elseif not has and (had or #people > 0) then
    redis.call('SREM', KEYS[2], name)
  end
  answer[#answer + 1] = whole(topic.exists and topic.version or math.max(topic.version, micros))
  answer[#answer + 1] = topic.after
  answer[#answer + 1] = due
end

if ARGV[8] == '1' then
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('PEXPIRE', KEYS[2], ttl)
end
return answer
