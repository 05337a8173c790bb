-- expire: removes rows of one replica from topics of one slot, in batches. Called until it returns 'done'.
--
-- KEYS[1]     leases
-- KEYS[2]     replica:<replica>
-- KEYS[3]     settings, deleted with the last lease
-- KEYS[4...7]  levels, due, passed, receivers: see levels.lua
-- KEYS[8...]  topics, members of KEYS[2]
--
-- Arguments: the replica; the reason ('expired': only if its lease has ended; 'crashed': only if it has not committed
--   since; 'closed'; 'rejoin': it will commit everything again, so do not publish); the number of its newest commit
--   if the reason is 'crashed'; how many people to read per topic; then for each topic:
--   topic, channel, cursor among its people ('0' at first)
--
-- Returns {'live', ms until its lease ends}; or {'more'} or {'done'}, then for each topic: the next cursor ('0': its
-- row is removed).

local replica, reason, number, budget = argument(), argument(), argument(), tonumber(argument())

local known = redis.call('HGET', KEYS[1], replica)
local expires, newest = unpack(numbers(known or '', 2))
if reason == 'expired' and expires > now then return { 'live', expires - now } end
if reason == 'crashed' and whole(newest) ~= number then return { 'live', math.max(0, expires - now) } end
-- Marks the lease: if the replica commits now, the reply shows that it was removed.
if expires ~= 0 then redis.call('HSET', KEYS[1], replica, '0 ' .. whole(newest)) end

local answer = { 'more' }
local level_keys = { levels = KEYS[4], due = KEYS[5], passed = KEYS[6], receivers = KEYS[7] }
for k = 8, #KEYS do
  local name, channel, cursor = argument(), argument(), argument()
  local topic = open(KEYS[k], replica, {})
  if topic then
    set_counts(topic, numbers('', topic.groups))
    local people = topic.groups + 1
    local read = 0
    while topic.row[people] > 0 and read < budget do
      local page = redis.call('HSCAN', KEYS[k], cursor, 'MATCH', 'p:*', 'COUNT', 100)
      cursor = page[1]
      for i = 1, #page[2], 2 do
        local person = string.sub(page[2][i], 3)
        topic.people[person] = page[2][i + 1]
        if string.find(';' .. page[2][i + 1], ';' .. replica .. ',', 1, true) then set_person(topic, person, nil) end
      end
      read = read + 100
      if cursor == '0' then topic.row[people] = 0 end
    end
    if topic.row[people] == 0 then cursor = '0' end
    update_version(topic)
    update_history(topic, 0, false)
    -- Once per topic, when the whole row is removed. This is rare, so it does not wait for the interval.
    if cursor == '0' and reason ~= 'rejoin' then publish(topic, channel, 0) end
    write(topic, 1, false)
    pass_levels(level_keys, name, topic.totals, nil)
  else
    cursor = '0'
  end
  if cursor == '0' then redis.call('SREM', KEYS[2], name) end
  answer[#answer + 1] = cursor
end

if redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('HDEL', KEYS[1], replica)
  if reason ~= 'rejoin' and redis.call('HLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[3]) end
  answer[1] = 'done'
end
return answer
