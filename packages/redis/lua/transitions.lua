-- transitions: returns the next transitions of one receiver in one slot: the same until they are acknowledged.
--
-- KEYS[1...4]  levels, due, passed, receivers
--
-- Arguments: the receiver; the id it acknowledges ('' for none); 1 to drop undelivered ones; maximum number.
--
-- A receiver is "acknowledged given status asked": the newest version that it has acknowledged, the version up to which
-- it was given more ('0' for none), 'sync' where it must be given the present state first, else 'on', and when it was
-- last asked for (ms).
--
-- Returns {'sync', id}, {'none'}, or {'transitions', id, entries as XRANGE returns them}.

local keys = { passed = KEYS[3], receivers = KEYS[4] }
local receiver, id, skip, most = argument(), argument(), argument() == '1', argument()

-- A receiver that no replica has asked for in so many ms is not configured any more.
local forget_after = 3600000

-- Deletes transitions that every receiver has acknowledged.
local function trim(keys)
  local oldest
  local all = redis.call('HGETALL', keys.receivers)
  for i = 1, #all, 2 do
    local version, asked = string.match(all[i + 1], '^(%d+) %d+ %a+ ?(%d*)$')
    if version and (tonumber(asked) or 0) < now - forget_after then
      redis.call('HDEL', keys.receivers, all[i])
    elseif version and (not oldest or tonumber(version) < oldest) then
      oldest = tonumber(version)
    end
  end
  if oldest then redis.call('XTRIM', keys.passed, 'MINID', whole(oldest + 1) .. '-0') end
end

local known = redis.call('HGET', keys.receivers, receiver) or ''
local acknowledged, given, status = string.match(known, '^(%d+) (%d+) (%a+)')
if not status then acknowledged, given, status = whole(newest_version(keys)), '0', 'sync' end
if skip then acknowledged, given, status = whole(newest_version(keys)), '0', 'sync' end
if id ~= '' and id == given then
  acknowledged, given, status = id, '0', 'on'
  redis.call('HSET', keys.receivers, receiver, id .. ' 0 on ' .. whole(now))
  trim(keys)
end

local dropped = tonumber(redis.call('HGET', keys.receivers, '') or 0)
if status == 'on' and tonumber(acknowledged) < dropped then given, status = '0', 'sync' end

local answer = { 'none' }
if status == 'sync' then
  if given == '0' then given = whole(math.max(1, newest_version(keys))) end
  answer = { 'sync', given }
else
  local last = given == '0' and '+' or given .. '-0'
  local entries = redis.call('XRANGE', keys.passed, '(' .. acknowledged .. '-0', last, 'COUNT', most)
  if #entries > 0 then
    given = string.match(entries[#entries][1], '^%d+')
    answer = { 'transitions', given, entries }
  end
end
redis.call('HSET', keys.receivers, receiver, table.concat({ acknowledged, given, status, whole(now) }, ' '))
-- Transitions expire a day after the last receiver has asked.
redis.call('PEXPIRE', keys.passed, 86400000)
redis.call('PEXPIRE', keys.receivers, 86400000)
return answer
