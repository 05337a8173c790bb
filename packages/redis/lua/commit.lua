-- commit: writes one replica's rows of some topics of one slot, and renews its lease there.
--
-- KEYS[1]     leases
-- KEYS[2]     replica:<replica>
-- KEYS[3...6]  levels, due, passed, receivers: see levels.lua
-- KEYS[7...]  one topic for each change
--
-- Arguments: the replica; its lease in ms; the number of this commit, which grows with each; the number of the newest
--   commit that was acknowledged (0: the replica has nothing here); 1 to renew (refresh the slot's keys and look for
--   expired leases); then for each change:
--   topic, channel, interval in ms, its levels ('' for none), counts ("12 340"), 1 to refresh the topic's key, how many
--   topics of the slot may have a history (0: this one has none), how many people the row must have before this commit
--   (-1: any), number of people, and for each of these: key, group ('' for none)
--
-- Returns {'kept', ms until the next lease of another replica ends (negative: it has ended), that replica ('': none),
--   then for each change:
--   'kept', version, totals, ms until the caller must commit the topic again to publish it (-1: it is published, -2:
--     some replica is due to)
--   or 'missing': people of the row were lost (the key was evicted); nothing was written, commit the whole topic
--   or 'wrong type': the topic's key is not a hash; nothing was written}
-- or {'lost'}: the replica was removed here, Redis lost commits of it (a failover), or it has commits that the replica
--   has removed or got no answer to; nothing was written
-- or {'late'}: a newer commit was here before; nothing was written

local replica, lease = argument(), tonumber(argument())
local number, acknowledged, renew = tonumber(argument()), tonumber(argument()), argument() == '1'

local known = redis.call('HGET', KEYS[1], replica)
local expires, newest, subscribed = unpack(numbers(known or '', 3))
if known and newest >= number then return { 'late' } end
if acknowledged > 0 and (expires == 0 or newest < acknowledged) then return { 'lost' } end
if acknowledged == 0 and newest > 0 then return { 'lost' } end
redis.call('HSET', KEYS[1], replica, whole(now + lease) .. ' ' .. whole(number) .. ' ' .. whole(subscribed))

-- Only renewals read all leases, so that the cost of other commits does not grow with the number of replicas.
local next_end, next_replica = 0, ''
if renew then
  local leases = redis.call('HGETALL', KEYS[1])
  for i = 1, #leases, 2 do
    local ends = numbers(leases[i + 1], 1)[1]
    -- 0: a replica is removing it.
    ends = ends == 0 and 0 or ends - now
    if leases[i] ~= replica and (next_replica == '' or ends < next_end) then
      next_end, next_replica = ends, leases[i]
    end
  end
end
local answer = { 'kept', next_end, next_replica }
local level_keys = { levels = KEYS[3], due = KEYS[4], passed = KEYS[5], receivers = KEYS[6] }
local adds = false
local function reply(status, version, totals, due)
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = status, version, totals, due
end

for k = 7, #KEYS do
  local name, channel, interval, levels = argument(), argument(), tonumber(argument()), argument()
  local counts, refresh = argument(), argument() == '1'
  local max_histories = tonumber(argument())
  local expected, people, new_groups = tonumber(argument()), {}, {}
  for i = 1, tonumber(argument()) do
    people[i], new_groups[i] = argument(), tonumber(argument())
  end

  local topic = open(KEYS[k], replica, people)
  if topic == nil then
    reply('wrong type', 0, '', 0)
  elseif expected >= 0 and topic.row[topic.groups + 1] ~= expected then
    reply('missing', 0, '', 0)
  else
    local had_row = not all_zero(topic.row)
    set_counts(topic, numbers(counts, topic.groups))
    for i, person in ipairs(people) do set_person(topic, person, new_groups[i]) end
    update_version(topic)
    update_history(topic, max_histories, refresh)
    local due = publish(topic, channel, interval)
    write(topic, interval, refresh)
    pass_levels(level_keys, name, topic.totals, levels)

    local has_row = not all_zero(topic.row)
    if has_row and (refresh or not had_row) then
      redis.call('SADD', KEYS[2], name)
      adds = true
    elseif had_row and not has_row then
      redis.call('SREM', KEYS[2], name)
    end
    local version = topic.exists and topic.version or math.max(topic.version, micros)
    reply('kept', whole(version), topic.totals_text, due)
  end
end

if renew then redis.call('PEXPIRE', KEYS[1], lease_ttl) end
-- The key may be new: it has no expiry then.
if renew or adds then redis.call('PEXPIRE', KEYS[2], lease_ttl) end
return answer
