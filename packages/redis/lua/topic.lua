-- Common to all scripts: this file precedes each of them.
--
-- Keys. A slot is one hash tag, {17}; all keys of a script share it.
--   leases         hash  replica -> "expires number subscribed": when its lease ends (ms of Redis's clock; 0 while the
--                        replica is being removed); the number of its newest commit, to detect late and repeated
--                        commits; 1 once it has subscribed to its presence channel
--   settings       hash  in slot 0 alone: what all replicas agree on (see join.lua)
--   replica:<id>   set   topics in which the replica has a row
--   topic:<name>   hash
--     v            version: grows with every change of the totals, also after the key expired (it is a time in µs)
--     t            totals, by group: "12 340"
--     p            "version at due": the version published last, when (ms), and when some replica will publish a
--                  newer one (0: no replica has to)
--     r:<replica>  row of a replica: its connections by group, then how many people it has: "12 340 0"
--     p:<person>   the person's group on each replica: "replica,group", separated by ";"
--     h            1: the history of the topic is recorded
--   history:<topic>  hash, which expires a day after it was written
--     s            "since seen totals": HistoryState of packages/core/src/engine/history.ts
--     <0 to 1440>  the minutes with this number modulo 1441: HistoryMinute there
--   histories      set   the topics with a history; some may have expired
--
-- ARGV[1] number of groups of a new topic, ARGV[2] ms until a key expires that no replica refreshes, ARGV[3] SPUBLISH
-- or PUBLISH. The scripts read their own arguments, from ARGV[4] on, with argument().

local groups, ttl, publish_command = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
-- The rows of a crashed replica are found by its lease and by the set of its topics. Both must expire later than any
-- topic, even one that others refreshed after the crash, before they were cut off from Redis themselves.
local lease_ttl = 2 * ttl
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)

local position = 3
local function argument()
  position = position + 1
  return ARGV[position]
end

-- Parses "12 340". Missing and invalid numbers are 0.
local function numbers(text, size)
  local list = {}
  for part in string.gmatch(text or '', '%S+') do list[#list + 1] = tonumber(string.match(part, '^%d+$')) or 0 end
  for i = #list + 1, size do list[i] = 0 end
  return list
end

-- Formats a whole number. Lua itself would write versions and times as 1.7e+15; table.concat is enough for counts.
local function whole(number) return string.format('%.0f', number) end

local function all_zero(list)
  for i = 1, #list do
    if list[i] ~= 0 then return false end
  end
  return true
end

-- Reads a topic, with the row of one replica and some people. Returns nil if the key is of another type.
local function open(key, replica, people)
  local fields = { 'v', 't', 'p', 'h', 'r:' .. replica }
  for i, person in ipairs(people) do fields[i + 5] = 'p:' .. person end
  local values = redis.pcall('HMGET', key, unpack(fields))
  if values.err then
    if string.find(values.err, 'WRONGTYPE', 1, true) then return nil end
    error(values.err)
  end
  local topic = { key = key, replica = replica, exists = values[1] ~= false, people = {}, changed = {} }
  topic.version = numbers(values[1], 1)[1]
  topic.totals = numbers(values[2], groups)
  topic.groups = #topic.totals
  topic.published = numbers(values[3], 3)
  topic.recorded = values[4] ~= false
  topic.row = numbers(values[5], topic.groups + 1)
  for i, person in ipairs(people) do topic.people[person] = values[i + 5] end
  topic.totals_before = values[2] or table.concat(topic.totals, ' ')
  topic.row_before = values[5]
  topic.was_empty = all_zero(topic.totals)
  return topic
end

local function set_counts(topic, counts)
  for g = 1, topic.groups do
    topic.totals[g] = topic.totals[g] + counts[g] - topic.row[g]
    topic.row[g] = counts[g]
  end
end

local function lower(a, b)
  if a == nil or (b ~= nil and b < a) then return b end
  return a
end

-- Sets a person's group on the topic's replica; nil removes the person there. A person counts once, in the lowest group
-- in which some replica has them: the rule of packages/core/src/engine/people.ts.
local function set_person(topic, person, group)
  local entries, before, after, known = {}, nil, group, false
  for replica, digits in string.gmatch(topic.people[person] or '', '([^,;]+),(%d+)') do
    local other = tonumber(digits)
    if other >= topic.groups then
      -- Another program wrote this: the group does not exist.
    elseif replica == topic.replica then
      before, known = lower(before, other), true
    else
      before, after = lower(before, other), lower(after, other)
      entries[#entries + 1] = replica .. ',' .. digits
    end
  end
  if group then entries[#entries + 1] = topic.replica .. ',' .. group end
  if before then topic.totals[before + 1] = topic.totals[before + 1] - 1 end
  if after then topic.totals[after + 1] = topic.totals[after + 1] + 1 end
  topic.row[topic.groups + 1] = topic.row[topic.groups + 1] + (group and 1 or 0) - (known and 1 or 0)
  topic.people[person] = table.concat(entries, ';')
  topic.changed[person] = true
end

-- Gives changed totals a new version.
local function update_version(topic)
  topic.totals_text = table.concat(topic.totals, ' ')
  if topic.totals_text ~= topic.totals_before then topic.version = math.max(topic.version + 1, micros) end
end

-- Publishes "version totals" if they changed since the last message and that is `interval` ms ago, or lies ahead: the
-- clock was set back, or a failover led to another one.
-- Returns -1: nothing is left to publish; -2: some replica is due to publish; or after how many ms the caller must.
local function publish(topic, channel, interval)
  local version, at, due = unpack(topic.published)
  if version == topic.version then return -1 end
  if now - at >= interval or at > now then
    redis.call(publish_command, channel, whole(topic.version) .. ' ' .. topic.totals_text)
    topic.published, topic.published_changed = { topic.version, now, 0 }, true
    return -1
  end
  if due > now and due <= at + interval then return -2 end
  topic.published, topic.published_changed = { version, at, at + interval }, true
  return at + interval - now
end

-- Writes the changes. The key of an empty topic expires after `interval` ms, once its zeros are published.
local function write(topic, interval, refresh)
  local changed = topic.totals_text ~= topic.totals_before
  if not topic.exists and not changed then return end
  local fields, deleted = {}, {}
  local function set(name, value)
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  if changed or not topic.exists then
    set('v', whole(topic.version))
    set('t', topic.totals_text)
  end
  local published = topic.published
  if topic.published_changed then
    set('p', whole(published[1]) .. ' ' .. whole(published[2]) .. ' ' .. whole(published[3]))
  end
  if topic.begins_history then set('h', '1') end
  local row = not all_zero(topic.row) and table.concat(topic.row, ' ')
  if row and row ~= topic.row_before then set('r:' .. topic.replica, row) end
  if topic.row_before and not row then deleted[1] = 'r:' .. topic.replica end
  for person in pairs(topic.changed) do
    local text = topic.people[person]
    if text == '' then deleted[#deleted + 1] = 'p:' .. person else set('p:' .. person, text) end
  end
  if #fields > 0 then redis.call('HSET', topic.key, unpack(fields)) end
  if #deleted > 0 then redis.call('HDEL', topic.key, unpack(deleted)) end
  if all_zero(topic.totals) and published[1] == topic.version then
    redis.call('PEXPIRE', topic.key, math.max(1, interval))
  elseif refresh or topic.was_empty then
    redis.call('PEXPIRE', topic.key, ttl)
  end
end
