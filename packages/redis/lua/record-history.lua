-- Records the histories of topics: this file is between topic.lua and the scripts that change totals. topic.lua
-- describes the keys.

-- Raises the peaks of a minute of a history to totals that were reached at a time, in ms of the minute.
local function raise(entry, totals, at)
  local sum, peaks = 0, 4 + 2 * #totals
  for i = 1, #totals + 1 do
    local count = totals[i] or sum
    sum = sum + count
    if count > entry[peaks + i] then
      entry[peaks + i], entry[peaks + #totals + 1 + i] = count, at
    end
  end
end

local minute, minutes_kept, history_ttl = 60000, 1441, 90000000

-- Adds a topic to those with a history. Beyond `max` it deletes one: the one of five that changed least recently.
local function add_history(slot, name, max)
  local index = slot .. 'histories'
  redis.call('SADD', index, name)
  redis.call('PEXPIRE', index, history_ttl)
  -- The second iteration is for a maximum that was lowered.
  for _ = 1, 2 do
    if redis.call('SCARD', index) <= max then return end
    local oldest, oldest_seen
    for _, other in ipairs(redis.call('SRANDMEMBER', index, 5)) do
      local seen = numbers(redis.call('HGET', slot .. 'history:' .. other, 's') or '', 2)[2]
      if not oldest or seen < oldest_seen then oldest, oldest_seen = other, seen end
    end
    redis.call('DEL', slot .. 'history:' .. oldest)
    redis.call('SREM', index, oldest)
  end
end

-- Records a change of the totals: the rule of recordChange in packages/core/src/engine/history.ts.
local function record_change(topic, slot, name, max)
  local key, size = slot .. 'history:' .. name, topic.groups
  local values = redis.call('HMGET', key, 's', math.floor(now / minute) % minutes_kept)
  local state, text = values[1] and numbers(values[1], 2) or nil, values[2]
  if not state and max == 0 then return end
  local is_new = not state
  if state and (#state ~= 2 + size or state[2] > now + minute) then state = nil end
  local totals, before, whole = {}, numbers(topic.totals_before, size), state ~= nil
  for g = 1, size do
    totals[g] = state and state[2 + g] or 0
    whole = whole and totals[g] == before[g]
  end
  local seen = state and state[2] or 0
  local at = math.max(now, seen)
  local number = math.floor(at / minute)
  if number ~= math.floor(now / minute) then text = redis.call('HGET', key, number % minutes_kept) end
  local start = number * minute
  if whole then seen = at end
  local entry = state and text and numbers(text, 0)
  if not entry or entry[1] ~= number or #entry ~= 6 + 4 * size then
    entry = { number, 0, 0, math.max(0, start - seen) }
    for g = 1, size do entry[4 + g], entry[4 + size + g] = totals[g], 0 end
    for i = 1, size + 1 do entry[4 + 2 * size + i], entry[5 + 3 * size + i] = -1, 0 end
    redis.call('PEXPIRE', key, history_ttl)
  end
  local duration = seen - start - entry[2]
  if state and duration > 0 then
    entry[3] = entry[3] + duration
    for g = 1, size do entry[4 + size + g] = entry[4 + size + g] + totals[g] * duration end
    raise(entry, totals, entry[2])
  end
  entry[2] = at - start
  raise(entry, topic.totals, entry[2])
  local since = whole and state[1] or at
  redis.call('HSET', key, 's', table.concat({ since, at, topic.totals_text }, ' '),
    number % minutes_kept, table.concat(entry, ' '))
  if is_new then
    redis.call('PEXPIRE', key, history_ttl)
    add_history(slot, name, max)
  end
end

-- Records that the totals have not changed, so that they are known if later data is lost.
local function confirm_history(topic, key)
  local text = redis.call('HGET', key, 's')
  local since, seen, totals = string.match(text or '', '^(%d+) (%d+) (.*)$')
  if totals ~= topic.totals_text then return end
  redis.call('HSET', key, 's', table.concat({ since, math.max(now, tonumber(seen)), totals }, ' '))
  redis.call('PEXPIRE', key, history_ttl)
end

-- Records the history of a topic. `max`: how many topics of the slot may have one; 0: do not begin to record this one.
local function update_history(topic, max, refresh)
  local changed = topic.totals_text ~= topic.totals_before
  local records = (topic.recorded or max > 0) and (topic.exists or changed)
  if not records then return end
  local slot, name = string.match(topic.key, '^(.-}:)topic:(.*)$')
  if changed or not topic.recorded then
    record_change(topic, slot, name, max)
  elseif refresh then
    confirm_history(topic, slot .. 'history:' .. name)
  end
  topic.begins_history = not topic.recorded
end
