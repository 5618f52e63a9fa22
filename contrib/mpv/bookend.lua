-- Offers to skip openings and credits in mpv, or skips them. Scenes after the credits always play.
--
-- Copy to ~/.config/mpv/scripts/. What to skip comes from NAME.bookend.json or NAME.edl beside NAME.mkv, as
-- `bookend detect --write --format json` (or edl) leaves them; with neither, `bookend` is asked once, in the
-- background. Within a segment the key (Enter) skips it. Other scripts may listen for the messages
-- `bookend-offer LABEL BEGIN END` and `bookend-offer-end`, and send `script-binding bookend/skip`.

local mp = require("mp")
local msg = require("mp.msg")
local options = require("mp.options")
local utils = require("mp.utils")

-- In ~/.config/mpv/script-opts/bookend.conf as `auto=yes`, or --script-opts=bookend-auto=yes
local o = {
    auto = false, -- skip without being asked, each segment once
    key = "ENTER", -- "" for none: bind a key to `script-binding bookend/skip` in input.conf
    skip = "opening,logo,recap,titles,credits",
    detect = true, -- ask bookend where there is no side file
    program = "bookend",
    show = 8, -- seconds that the offer stays on the screen
    min = 2, -- segments shorter than this many seconds are left alone
}
options.read_options(o, "bookend")

local ranges = {} -- of the file that plays: { from, to, label, taken }, in order, not touching
local current = nil -- the range that is on offer
local job = nil -- the running bookend

-- What to skip ------------------------------------------------------------------------------------------

local wanted = {}
for kind in o.skip:gmatch("[%a-]+") do
    wanted[kind] = kind ~= "main" and kind ~= "post-credits"
end

-- Joins stretches that touch, named after the longest, and drops what is too short.
local function set_ranges(list)
    table.sort(list, function(a, b) return a.from < b.from end)
    local joined = {}
    for _, r in ipairs(list) do
        local last, length = joined[#joined], r.to - r.from
        if last and r.from <= last.to + 0.001 then
            last.to = math.max(last.to, r.to)
            if length > last.longest then last.label, last.longest = r.label, length end
        elseif length > 0 then
            joined[#joined + 1] = { from = r.from, to = r.to, label = r.label, longest = length }
        end
    end
    ranges = {}
    for _, r in ipairs(joined) do
        if r.to - r.from >= o.min then ranges[#ranges + 1] = r end
    end
    msg.verbose(#ranges .. " to skip")
end

-- A line of `bookend detect --format json`. A boundary that is null skips nothing.
local function from_json(text)
    local answer = utils.parse_json(text)
    if type(answer) ~= "table" or answer.error or not answer.duration then return nil end
    local list, segments = {}, answer.segments or {}
    if #segments == 0 then
        segments = {
            { kind = "opening", start = 0, ["end"] = answer.start_main or 0 },
            { kind = "credits", start = answer.end_main or answer.duration, ["end"] = answer.duration },
        }
    end
    local last = 0 -- part of the story: a logo behind it goes with the credits
    for i, s in ipairs(segments) do
        if s.kind == "main" then last = i end
    end
    for i, s in ipairs(segments) do
        local at_end = s.kind == "credits" or (last > 0 and i > last)
        if wanted[s.kind] and answer[at_end and "end_main" or "start_main"] then
            list[#list + 1] = { from = s.start, to = s["end"], label = "Skip " .. s.kind }
        end
    end
    return list
end

-- Kodi's three ways to write a time: 92.48, 00:01:32.48, #2312
local function edl_time(s)
    local h, m, sec = s:match("^(%d+):(%d+):([%d.]+)$")
    if h then return h * 3600 + m * 60 + tonumber(sec) end
    local frame, fps = s:match("^#(%d+)$"), mp.get_property_number("container-fps")
    if frame then return fps and frame / fps end
    return tonumber(s)
end

-- Kodi's EDL: cuts (0) and breaks (3). It has no kinds: what touches an end of the file is named after that.
local function from_edl(text)
    local list, duration = {}, mp.get_property_number("duration", math.huge)
    for line in text:gmatch("[^\r\n]+") do
        local from, to, action = line:match("^%s*(%S+)%s+(%S+)%s+(%d+)%s*$")
        from, to = edl_time(from or ""), edl_time(to or "")
        if from and to and (action == "0" or action == "3") then
            local label = from < 1 and "Skip opening" or to > duration - 1 and "Skip credits" or "Skip"
            list[#list + 1] = { from = from, to = to, label = label }
        end
    end
    return list
end

-- Where to look for it ----------------------------------------------------------------------------------

local function read(path)
    local f = io.open(path, "rb")
    if not f then return nil end
    local text = f:read(1024 * 1024)
    f:close()
    return text
end

local function side_file(path)
    local stem = path:gsub("%.[^./\\]+$", "")
    for _, kind in ipairs({ { ".bookend.json", from_json }, { ".edl", from_edl } }) do
        local text = read(stem .. kind[1])
        local list = text and kind[2](text)
        if list then return list end
    end
end

-- Playing -----------------------------------------------------------------------------------------------

local function withdraw()
    if not current then return end
    current = nil
    mp.remove_key_binding("skip-key")
    mp.osd_message("", 0)
    mp.commandv("script-message", "bookend-offer-end")
end

local function skip()
    local r = current
    if not r then return end
    r.taken = true
    withdraw()
    -- To the end of the file, not past it: mpv would stay where it is.
    mp.commandv("seek", math.min(r.to, mp.get_property_number("duration", r.to)), "absolute+exact")
    msg.info(r.label)
end

local function offer(r)
    current = r
    if o.auto and not r.taken then return skip() end
    local text = r.label
    if o.key ~= "" then
        mp.add_forced_key_binding(o.key, "skip-key", skip)
        text = string.format("%s (%s)", r.label, o.key:sub(1, 1):upper() .. o.key:sub(2):lower())
    end
    mp.osd_message(text, o.show)
    mp.commandv("script-message", "bookend-offer", text, tostring(r.from), tostring(r.to))
end

local function on_time(_, now)
    if not now then return end
    local here
    for _, r in ipairs(ranges) do
        if now >= r.from and now < r.to - 0.1 then here = r end
    end
    if here == current then return end
    withdraw()
    if here then offer(here) end
end

local function detect(path)
    local mine
    mine = mp.command_native_async({
        name = "subprocess",
        args = { o.program, "detect", "--quiet", "--format", "json", path },
        playback_only = true, -- ends with the file
        capture_stdout = true,
        capture_stderr = true,
    }, function(ran, result)
        if job ~= mine then return end -- another file plays by now
        job = nil
        local list = ran and result.status == 0 and from_json(result.stdout)
        if list then
            set_ranges(list)
            on_time(nil, mp.get_property_number("time-pos")) -- which does not change while paused
        else
            msg.warn("bookend found nothing: " .. ((result and result.stderr or ""):match("[^\n]+") or "it did not run"))
        end
    end)
    job = mine
end

local function on_loaded()
    withdraw()
    ranges, job = {}, nil
    local path = mp.get_property("path", "")
    if path:find("^%a[%w+.-]*://") then return end
    path = utils.join_path(mp.get_property("working-directory", ""), path)
    local list = side_file(path)
    if list then
        set_ranges(list)
    elseif o.detect and mp.get_property_native("current-tracks/video/image") == false then
        detect(path)
    end
end

mp.register_event("file-loaded", on_loaded)
mp.register_event("end-file", function()
    withdraw()
    ranges, job = {}, nil
end)
mp.observe_property("time-pos", "number", on_time)
mp.add_key_binding(nil, "skip", skip)
