-- Common to the scripts that change totals: this file follows topic.lua.
--
-- Keys, which exist if some replica has receivers of transitions:
--   levels     hash    topic -> "above levels": the sum of 2^i for each level i that the topic is above, and its levels
--                      as "up:down:delay", separated by spaces. Only topics that are above a level are there.
--   due        zset    "i topic" -> when the topic passes level i down (ms of Redis's clock)
--   passed     stream  a transition each: topic, level, direction, totals. Its id is "version-0".
--   receivers  hash    receiver -> "acknowledged given status asked" (see transitions.lua); '' -> the newest version
--                      that was dropped because too many waited

-- How many transitions may wait: maxWaiting of packages/core/src/engine/transitions.ts.
local max_waiting = 10000

-- The version of the newest transition, even if it is deleted: Redis accepts no lower one, which could occur if its
-- clock was set back.
local function newest_version(keys)
  if redis.call('EXISTS', keys.passed) == 0 then return 0 end
  local info = redis.call('XINFO', 'STREAM', keys.passed)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return tonumber(string.match(info[i + 1], '^%d+')) end
  end
end

local function add_transition(keys, name, totals, level, direction)
  local version = whole(math.max(micros, newest_version(keys) + 1))
  redis.call('XADD', keys.passed, version .. '-0', 't', name, 'l', level, 'd', direction, 'c', totals)
  if redis.call('XLEN', keys.passed) > max_waiting then
    local oldest = redis.call('XRANGE', keys.passed, '-', '+', 'COUNT', 1)[1][1]
    redis.call('XDEL', keys.passed, oldest)
    redis.call('HSET', keys.receivers, '', string.match(oldest, '^%d+'))
  end
end

-- Replicas of another configuration have other levels, as while servers are updated one by one. The topic stays above
-- those that both have, also where only the delay differs, so that it still passes them down. What it is above of the
-- others is taken from its count, and no transition is recorded.
local function adopt_levels(keys, name, count, above, before, levels)
  local was, due, level = {}, {}, 0
  for entry, passed in string.gmatch(before, '((%d+:%d+):%d+)') do
    local member, is_above = level .. ' ' .. name, math.floor(above / 2 ^ level) % 2
    was[entry], was[passed], due[entry] = is_above, is_above, redis.call('ZSCORE', keys.due, member)
    redis.call('ZREM', keys.due, member)
    level = level + 1
  end
  above, level = 0, 0
  for entry, passed, down in string.gmatch(levels, '((%d+:(%d+)):%d+)') do
    local is_above = was[entry] or was[passed] or (count > tonumber(down) and 1 or 0)
    above = above + is_above * 2 ^ level
    if due[entry] then redis.call('ZADD', keys.due, due[entry], level .. ' ' .. name) end
    level = level + 1
  end
  return above
end

-- Records the levels that a topic passes with its current totals: the rule of packages/core/src/engine/levels.ts.
-- `levels` is '' for none, and nil for the recorded levels of the topic.
local function pass_levels(keys, name, totals, levels)
  if levels == '' then return end
  local stored = redis.call('HGET', keys.levels, name)
  if not levels and not stored then return end
  local known, stored_levels = string.match(stored or '', '^(%d+) (.*)$')
  levels = levels or stored_levels
  local count, above, bit = 0, tonumber(known) or 0, 1
  for _, group in ipairs(totals) do count = count + group end
  if stored and levels ~= stored_levels then
    above = adopt_levels(keys, name, count, above, stored_levels, levels)
  end
  local after = above
  local text = table.concat(totals, ' ')
  local level = 0
  for entry in string.gmatch(levels, '%S+') do
    local up, down, delay = string.match(entry, '(%d+):(%d+):(%d+)')
    local member = level .. ' ' .. name
    if math.floor(above / bit) % 2 == 0 then
      if count >= tonumber(up) then
        after = after + bit
        add_transition(keys, name, text, entry, 'up')
      end
    elseif count > tonumber(down) then
      redis.call('ZREM', keys.due, member)
    else
      local at = tonumber(redis.call('ZSCORE', keys.due, member) or now + tonumber(delay))
      if at <= now then
        redis.call('ZREM', keys.due, member)
        after = after - bit
        add_transition(keys, name, text, entry, 'down')
      else
        redis.call('ZADD', keys.due, whole(at), member)
      end
    end
    level, bit = level + 1, bit * 2
  end
  local state = whole(after) .. ' ' .. levels
  if after == 0 then
    redis.call('HDEL', keys.levels, name)
  elseif state ~= stored then
    redis.call('HSET', keys.levels, name, state)
  end
end
