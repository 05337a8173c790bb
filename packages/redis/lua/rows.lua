-- rows: returns the leases of one slot and, for one of its topics, the totals and every replica's row, at one moment.
--
-- KEYS[1] leases
-- KEYS[2] the topic; absent to read only the leases
--
-- Returns {totals ('' without a topic, or if its key is not a hash), then for each replica: its name, ms until its
-- lease ends (negative: it has ended), its row in the topic ('' for none)}. A replica that is being removed is included
-- while it has a row.

local totals = ''
if KEYS[2] then
  local topic = open(KEYS[2], '', {})
  if topic then totals = table.concat(topic.totals, ' ') end
end

local answer = { totals }
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  local expires = numbers(leases[i + 1], 2)[1]
  local row = totals ~= '' and redis.call('HGET', KEYS[2], 'r:' .. leases[i]) or ''
  if row ~= '' then row = table.concat(numbers(row, groups + 1), ' ', 1, groups + 1) end
  if expires > 0 or row ~= '' then
    local n = #answer
    answer[n + 1] = leases[i]
    answer[n + 2] = expires > 0 and expires - now or -1
    answer[n + 3] = row
  end
end
return answer
