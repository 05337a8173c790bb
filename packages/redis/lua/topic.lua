-- What every script knows: the shape of a topic's hash, and the rules of counting. Put ahead of each script.
--
-- A slot is one hash tag, {hc:17}. In it:
--   leases    hash   replica -> "expires seq": until when it counts (ms, Redis time; 0: it is being swept), and the
--                    number of its newest commit, so that one that comes late or twice is known
--   of:<r>    set    the topics in which replica r holds anything
--   <topic>   hash
--     v            version: grows with every change, also over a topic's end and return (it is the time in µs)
--     t            totals, by group: "12 340"
--     p            "version last due": what was published last, when (ms), and when somebody has promised to publish
--                  what has moved since (0: nobody need)
--     r:<r>        what replica r holds, by group, and then how many people it holds: "12 340 0"
--     p:<person>   where the person stands: "r,group" where live, "r,group,device" where held ('-': no device); ';' between
--     h:<device>   who is held with that device: "r,person", ';' between

local function split(text, separator)
  local parts = {}
  for part in string.gmatch(text or '', '[^' .. separator .. ']+') do parts[#parts + 1] = part end
  return parts
end

local function numbers(text, size)
  local list = {}
  for part in string.gmatch(text or '', '%S+') do list[#list + 1] = tonumber(part) end
  for i = #list + 1, size do list[i] = 0 end
  return list
end

local function none(list)
  for i = 1, #list do
    if list[i] ~= 0 then return false end
  end
  return true
end

local function whole(number) return string.format('%.0f', number) end

-- Redis's own time: ms, and µs.
local function clock()
  local time = redis.call('TIME')
  local micros = time[1] * 1000000 + time[2]
  return math.floor(micros / 1000), micros
end

-- A topic's hash, read once and written once. `fields` are those that will be needed; any other is read when asked for.
local function open(key, groups, fields)
  local topic = { key = key, was = {}, now = {}, rows = {} }
  local values = redis.call('HMGET', key, 'v', 't', 'p', unpack(fields))
  for i, field in ipairs(fields) do topic.was[field] = values[i + 3] end
  topic.version = tonumber(values[1] or '0')
  topic.totals = numbers(values[2], groups)
  topic.before = values[2] or table.concat(topic.totals, ' ')
  topic.empty = none(topic.totals)
  topic.exists = values[1] and true or false
  topic.published = numbers(values[3], 3)
  topic.said = values[3]
  return topic
end

local function get(topic, field)
  local value = topic.now[field]
  if value ~= nil then return value end
  value = topic.was[field]
  if value == nil then
    value = redis.call('HGET', topic.key, field)
    topic.was[field] = value
  end
  return value
end

-- `value`: false where the field is to go.
local function set(topic, field, value) topic.now[field] = value end

-- What a replica holds here: numbers by group, and the number of its people.
local function row(topic, replica, groups)
  local held = topic.rows[replica]
  if held == nil then
    held = numbers(get(topic, 'r:' .. replica), groups + 1)
    topic.rows[replica] = held
  end
  return held
end

local function set_counts(topic, replica, counts, groups)
  local held = row(topic, replica, groups)
  for g = 1, groups do
    topic.totals[g] = topic.totals[g] + counts[g] - held[g]
    held[g] = counts[g]
  end
end

-- People.

local function standings(topic, person)
  local list = {}
  for _, text in ipairs(split(get(topic, 'p:' .. person), ';')) do
    local parts = split(text, ',')
    list[#list + 1] = { replica = parts[1], group = tonumber(parts[2]), device = parts[3] }
  end
  return list
end

-- The group in which a person counts: the lowest where it is live, else the lowest where grace holds it.
local function group_of(list)
  local live, held
  for _, standing in ipairs(list) do
    if standing.device then
      if held == nil or standing.group < held then held = standing.group end
    elseif live == nil or standing.group < live then
      live = standing.group
    end
  end
  return live or held
end

local function count(topic, list, sign)
  local group = group_of(list)
  if group then topic.totals[group + 1] = topic.totals[group + 1] + sign end
end

-- Adds one entry to, or takes it from, who is held with a device.
local function hold(topic, device, entry, add)
  if device == nil or device == '-' then return end
  local kept = {}
  for _, other in ipairs(split(get(topic, 'h:' .. device), ';')) do
    if other ~= entry then kept[#kept + 1] = other end
  end
  if add then kept[#kept + 1] = entry end
  set(topic, 'h:' .. device, #kept > 0 and table.concat(kept, ';'))
end

-- Where a person now stands on one replica: `group` nil for nowhere, `held` the device ('-': none) where grace holds it.
local function set_person(topic, replica, person, group, held, groups)
  local list = standings(topic, person)
  local others, mine = {}, nil
  for _, standing in ipairs(list) do
    if standing.replica == replica then mine = standing else others[#others + 1] = standing end
  end
  if mine == nil and group == nil then return end
  count(topic, list, -1)
  if mine then hold(topic, mine.device, replica .. ',' .. person, false) end
  if group then
    others[#others + 1] = { replica = replica, group = group, device = held }
    hold(topic, held, replica .. ',' .. person, true)
  end
  count(topic, others, 1)
  local held_row = row(topic, replica, groups)
  held_row[groups + 1] = held_row[groups + 1] + (group and 1 or 0) - (mine and 1 or 0)
  local texts = {}
  for i, standing in ipairs(others) do
    texts[i] = standing.replica .. ',' .. standing.group .. (standing.device and (',' .. standing.device) or '')
  end
  set(topic, 'p:' .. person, #texts > 0 and table.concat(texts, ';'))
end

-- Somebody has come back as somebody else: what grace holds of the one before is over.
local function end_held(topic, device, arrived, groups)
  for _, entry in ipairs(split(get(topic, 'h:' .. device), ';')) do
    local parts = split(entry, ',')
    if parts[2] ~= arrived then set_person(topic, parts[1], parts[2], nil, nil, groups) end
  end
end

-- Publishing and writing back.

-- Publishes what has moved if it may, at most once in `interval` ms however many replicas commit.
-- Answers in how many ms the caller must see to it, or -1 where it need not: it is done, or another has promised.
local function publish(topic, how, channel, interval, now)
  local last = topic.published
  if last[1] == topic.version then return -1 end
  if now - last[2] >= interval then
    redis.call(how, channel, whole(topic.version) .. ' ' .. table.concat(topic.totals, ' '))
    topic.published = { topic.version, now, 0 }
    return -1
  end
  local due = last[2] + interval
  if last[3] ~= 0 and last[3] <= due and last[3] > now then return -1 end
  topic.published = { last[1], last[2], due }
  return due - now
end

-- Gives the topic its new version if its totals have moved.
local function stamp(topic, micros)
  topic.after = table.concat(topic.totals, ' ')
  if topic.after ~= topic.before then topic.version = math.max(topic.version + 1, micros) end
end

-- Writes what has changed. A topic that nobody holds goes away by itself once its last interval is over.
local function write(topic, interval, ttl, refresh)
  if not topic.exists and topic.after == topic.before then return end
  for replica, held in pairs(topic.rows) do
    set(topic, 'r:' .. replica, not none(held) and table.concat(held, ' '))
  end
  local put = {}
  local function field(name, value)
    put[#put + 1] = name
    put[#put + 1] = value
  end
  if topic.after ~= topic.before or not topic.exists then
    field('v', whole(topic.version))
    field('t', topic.after)
  end
  local said = whole(topic.published[1]) .. ' ' .. whole(topic.published[2]) .. ' ' .. whole(topic.published[3])
  if said ~= topic.said then field('p', said) end
  local gone = {}
  for name, value in pairs(topic.now) do
    if value ~= topic.was[name] then
      if value then field(name, value) else gone[#gone + 1] = name end
    end
  end
  if #put > 0 then redis.call('HSET', topic.key, unpack(put)) end
  if #gone > 0 then redis.call('HDEL', topic.key, unpack(gone)) end
  local settled = topic.published[1] == topic.version
  if none(topic.totals) and settled then
    redis.call('PEXPIRE', topic.key, math.max(1, interval))
  elseif refresh or topic.empty then
    redis.call('PEXPIRE', topic.key, ttl)
  end
end
