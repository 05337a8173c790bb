-- read: returns the totals of topics of one slot.
--
-- KEYS[1]     leases
-- KEYS[2...]  topics
--
-- Arguments: the replica that reads; how many ms after its end a lease still counts.
--
-- Returns {another replica whose lease has expired and whose rows still count, or '', then for each topic: version
-- ('wrong type' if its key is not a hash), totals, the row of the replica that reads ('' if it has none)}.

local replica, margin = argument(), tonumber(argument())

local expired = ''
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  if leases[i] ~= replica and numbers(leases[i + 1], 2)[1] + margin < now then expired = leases[i] end
end
local answer = { expired }
for k = 2, #KEYS do
  local topic = open(KEYS[k], replica, {})
  if topic then
    answer[#answer + 1] = whole(topic.exists and topic.version or micros)
    answer[#answer + 1] = table.concat(topic.totals, ' ')
    answer[#answer + 1] = topic.row_before and table.concat(topic.row, ' ') or ''
  else
    answer[#answer + 1] = 'wrong type'
    answer[#answer + 1] = ''
    answer[#answer + 1] = ''
  end
end
return answer
