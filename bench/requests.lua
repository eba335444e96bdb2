-- Walks through a file of whole HTTP requests, each after its length in eight digits, and says at
-- the end how often it had to begin again (a repeated delivery is less work than a new one).
local file
again = 0

function init(args)
   file = assert(io.open(args[1], "rb"))
   file:setvbuf("full", 1048576)
end

function request()
   local length = file:read(8)
   if length == nil then
      again = again + 1
      file:seek("set", 0)
      length = file:read(8)
   end
   return file:read(tonumber(length))
end

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function done(summary, latency, requests)
   local rounds = 0
   for _, thread in ipairs(threads) do
      rounds = rounds + thread:get("again")
   end
   io.write(string.format(
      "\nFIGURES %d %d %d %d %d %d %d %d\n",
      summary.requests, summary.duration, summary.errors.status,
      summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout,
      latency:percentile(50), latency:percentile(99), rounds))
end
