-- due: lets topics of one slot pass the levels that are due.
--
-- KEYS[1...4]  levels, due, passed, receivers
-- KEYS[5...]   topics
--
-- Arguments: for each topic: its member of `due`.
--
-- Returns {}.

local keys = { levels = KEYS[1], due = KEYS[2], passed = KEYS[3], receivers = KEYS[4] }
for k = 5, #KEYS do
  local member, topic = argument(), open(KEYS[k], '', {})
  if topic then pass_levels(keys, string.match(member, ' (.*)$'), topic.totals, nil) end
  -- Stale if the key has another type, or if its levels are lost.
  if tonumber(redis.call('ZSCORE', keys.due, member) or now + 1) <= now then redis.call('ZREM', keys.due, member) end
end
return {}
