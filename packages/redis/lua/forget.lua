-- forget: takes what one replica holds of topics of one slot away, some at a time; called until it answers 'done'.
--
-- KEYS[1]     leases
-- KEYS[2]     of:<replica>
-- KEYS[3...]  topics, of those in KEYS[2]
--
-- ARGV[1]  the replica that is forgotten
-- ARGV[2]  lapsed: only if its lease has; closed: it goes; behind: it is about to say everything anew, so tell nobody
-- ARGV[3]  SPUBLISH or PUBLISH
-- ARGV[4]  how many groups
-- ARGV[5]  for how long, in ms, a key outlives whoever should tend it
-- ARGV[6]  how many people may be looked at for a topic in this call
-- then for each topic: topic, channel, interval (ms), where to go on among its people ('0' at first)
--
-- Answers {'live', ms until its lease lapses}, or {'done'} or {'more'}, and then for each topic: where to go on among its
-- people ('0': it is finished), ms until the caller must publish (-1: it need not).

local gone, why, how = ARGV[1], ARGV[2], ARGV[3]
local groups, ttl, budget = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local now, micros = clock()

local known = redis.call('HGET', KEYS[1], gone)
local entry = numbers(known, 2)
if why == 'lapsed' and entry[1] > now then return { 'live', entry[1] - now } end
local alone = redis.call('HLEN', KEYS[1]) == (known and 1 or 0)

-- Its return, should it come now, finds that it was forgotten.
if entry[1] ~= 0 then redis.call('HSET', KEYS[1], gone, '0 ' .. whole(entry[2])) end

local answer = { 'more' }
for k = 3, #KEYS do
  local a = 7 + 4 * (k - 3)
  local name, channel, interval, cursor = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), ARGV[a + 3]
  local topic = open(KEYS[k], groups, { 'r:' .. gone })
  local held = row(topic, gone, groups)
  set_counts(topic, gone, numbers('', groups), groups)
  local looked = 0
  while held[groups + 1] > 0 and looked < budget do
    local page = redis.call('HSCAN', KEYS[k], cursor, 'MATCH', 'p:*', 'COUNT', 100)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      topic.was[page[2][i]] = page[2][i + 1]
      set_person(topic, gone, string.sub(page[2][i], 3), nil, nil, groups)
    end
    looked = looked + 100
    if cursor == '0' then held[groups + 1] = 0 end
  end
  if held[groups + 1] == 0 then
    cursor = '0'
    redis.call('SREM', KEYS[2], name)
  end
  stamp(topic, micros)
  local due = -1
  if alone then
    topic.published = { topic.version, topic.published[2], 0 }
  elseif why ~= 'behind' then
    due = publish(topic, how, channel, interval, now)
  end
  write(topic, alone and 1 or interval, ttl, false)
  answer[#answer + 1] = cursor
  answer[#answer + 1] = due
end

if redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('HDEL', KEYS[1], gone)
  answer[1] = 'done'
end
return answer
