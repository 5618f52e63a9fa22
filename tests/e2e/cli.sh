#!/bin/sh
# The program from outside: statuses, streams, order, side files, stopping. On videos that ffmpeg makes here. TAP.
# usage: cli.sh PROGRAM
set -u
program=$1
case $program in /*) ;; *) program=$PWD/$program ;; esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export XDG_CACHE_HOME="$dir/cache" XDG_DATA_HOME="$dir/data" NO_COLOR=
n=0 failed=0 status=0

# check NAME COMMAND...: holds when the command does.
check() {
    name=$1
    shift
    n=$((n + 1))
    if "$@"; then echo "ok $n - $name"; else
        echo "not ok $n - $name (status $status)"
        failed=$((failed + 1))
        sed 's/^/# out: /' out
        sed 's/^/# err: /' err
    fi
}
skip() { n=$((n + 1)) && echo "ok $n - $1 # SKIP $2"; }

# run ARGUMENTS...: the program, its streams in out and err, its status in status.
run() {
    "$program" "$@" >out 2>err
    status=$?
}
is() { [ "$status" -eq "$1" ]; }
says() { grep -q -e "$1" "$2"; }
lines() { [ "$(wc -l <"$2")" -eq "$1" ]; }
# usage_error PATTERN ARGUMENTS...: status 2, nothing on stdout, the pattern and a hint on stderr.
usage_error() {
    pattern=$1
    shift
    run "$@"
    check "usage: $*" eval 'is 2 && [ ! -s out ] && says "$pattern" err'
}
# The files of the JSON lines, and the lines without what differs from run to run.
names() { sed 's/^{"file":"\([^"]*\)".*/\1/' "$1" | tr '\n' ' '; }
timeless() { sed 's/"elapsed":[0-9.]*/"elapsed":0/' "$1"; }

# ---- usage ---------------------------------------------------------------------------------------------

usage_error '^usage:'
usage_error "did you mean 'detect'" detct a.mkv
usage_error 'no command' xyzzy
usage_error 'list or info or pack' model
usage_error 'PATH' detect
usage_error 'did you mean --format' detect --frmat json a.mkv
usage_error 'did you mean json' detect --format jsn a.mkv
usage_error 'needs a value' detect a.mkv --format
usage_error 'from 1 to 256' detect --jobs 0 a.mkv
usage_error 'no side file' detect --write --format text a.mkv
usage_error 'only one' detect --write --format edl --out x a.mkv
usage_error 'no PATH' embed
usage_error 'no PATH' report
usage_error '--out FILE is needed' train --labels l --embeddings e
usage_error 'from 2 to' train --labels l --embeddings e --out o --folds 1
usage_error 'DIR' init
usage_error '--tracks' compose --episodes 1 --out o --model m
usage_error 'min-seconds' compose --episodes 1 --out o --min-seconds 200 --max-seconds 100

# ---- help, version, models -----------------------------------------------------------------------------

for words in --help 'detect --help' 'detect -h' 'report --help' 'train --help' 'train --encoder --help' 'model --help' \
    'model pack --help' --version '--completion bash' '--completion zsh' '--completion fish' 'model list'; do
    # shellcheck disable=SC2086 # the words are to be parted
    run $words
    check "bookend $words" eval 'is 0 && [ -s out ] && [ ! -s err ]'
done
run --help
check 'help begins with examples' eval 'says "^Examples" out && says "bookend detect film.mkv" out'
run train --encoder --help
check 'the encoder has a page of its own' eval 'says "--material" out && ! says "--labels" out'
run model info
check 'model info' eval 'is 0 && says "^embedding  *[0-9]" out'
name=$(awk '$1 == "name" { print $2 }' out)
run model info --verbose "$name"
check 'model info by name, with tensors' eval 'is 0 && [ "$(wc -l <out)" -gt 20 ]'
run model info nowhere.safetensors
check 'model info of what is not there' eval 'is 1 && says nowhere err'
run detect --model nowhere.safetensors a.mkv
check 'detect with a model that is not there' eval 'is 1 && says nowhere err'
if command -v bash >/dev/null; then
    "$program" --completion bash >completion.bash
    # complete_line WORD...: what bash offers for the last word.
    complete_line() {
        bash -c '. ./completion.bash && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _bookend && echo "${COMPREPLY[@]}"' \
            bash "$@" >out 2>err
    }
    complete_line bookend det
    check 'completes a command' says '^detect$' out
    complete_line bookend detect --form
    check 'completes an option' says '^--format$' out
    complete_line bookend detect --format mpl
    check 'completes a value' says '^mplayer-edl$' out
    complete_line bookend model pa
    check 'completes a second word' says '^pack$' out
else
    skip 'completions for bash' 'there is no bash'
fi

# What it takes to find answers is loaded when one is to be found: pages of help do not wait for FFmpeg.
if LD_TRACE_LOADED_OBJECTS=1 "$program" --version 2>/dev/null | grep -q libc; then
    LD_TRACE_LOADED_OBJECTS=1 "$program" --version >out 2>err
    check 'the program starts without FFmpeg' eval '! says libavcodec out'
else
    skip 'the program starts without FFmpeg' 'the loader does not list libraries'
fi

# ---- streams that fail ---------------------------------------------------------------------------------

"$program" --help >&- 2>err
status=$?
check 'a closed stdout is a failure' eval 'is 1 && says "standard output" err'
if [ -w /dev/full ]; then
    "$program" --help >/dev/full 2>err
    status=$?
    check 'a full disk is a failure' eval 'is 1 && says "standard output" err'
    run detect --format json --out /dev/full a.mkv
    check 'a full disk under --out is a failure' is 1
else
    skip 'a full disk' 'there is no /dev/full'
fi
{
    sleep 1
    "$program" --help 2>err
    echo $? >left
} | :
status=$(cat left)
check 'a reader that has left is a failure' eval 'is 1 && says "standard output" err'

# ---- inputs that fail ----------------------------------------------------------------------------------

: >empty.mkv
echo 'not a video' >text.mkv
mkdir nothing
run detect --format json gone.mkv empty.mkv nothing text.mkv
check 'inputs that fail have a line each, in order' \
    eval 'is 1 && lines 4 out && [ "$(names out)" = "gone.mkv empty.mkv nothing text.mkv " ]'
check 'and say why' eval '[ "$(grep -c "\"error\":\"[a-z]*[.a-z]*: [^\"]" out)" -eq 4 ]'
check 'on stderr too' lines 4 err
run detect gone.mkv
check 'as text' eval 'is 1 && says gone.mkv out && says "^bookend: gone.mkv: " err'
run detect --quiet --format edl gone.mkv
check 'errors are not silenced' eval 'is 1 && [ ! -s out ] && says gone.mkv err'
run detect --out nowhere/a.json --format json gone.mkv
check '--out into a folder that is not there' eval 'is 1 && says nowhere/a.json err'

# ---- videos --------------------------------------------------------------------------------------------

finish() {
    echo "1..$n"
    [ "$failed" -eq 0 ]
    exit
}
if ! command -v ffmpeg >/dev/null; then
    skip 'videos' 'there is no ffmpeg'
    finish
fi
# make FILE SECONDS
make() { ffmpeg -v error -f lavfi -i "testsrc2=size=160x90:rate=8:duration=$2" -g 40 "$1" </dev/null; }
mkdir -p shows/b/c shows/.hidden
make shows/a.mp4 6
cp shows/a.mp4 shows/b/z.mp4
cp shows/a.mp4 shows/b/c/m.MP4
cp shows/a.mp4 shows/d.mp4
cp shows/a.mp4 shows/.hidden/h.mp4
echo text >shows/b/notes.txt
ln -s .. shows/b/loop

run detect --format json shows
check 'a folder is walked in order of names' \
    eval 'is 0 && [ "$(names out)" = "shows/a.mp4 shows/b/c/m.MP4 shows/b/z.mp4 shows/d.mp4 " ]'
check 'nothing is said besides' eval '[ ! -s err ]'
check 'each answer has a duration' eval '[ "$(grep -c "\"duration\":6.0" out)" -eq 4 ]'
cp out one.json
ffmpeg -v error -f lavfi -i "testsrc2=size=160x90:rate=25" -frames:v 1 moment.mp4 </dev/null
run detect --no-cache --verbose moment.mp4
check 'a film of one frame is looked at' eval 'is 0 && grep -q "1 pictures encoded" err'
run detect --format json --jobs 3 shows
check 'jobs keep the order' eval '[ "$(names out)" = "$(names one.json)" ]'
timeless out >a.txt
timeless one.json >b.txt
check 'and the answers' cmp -s a.txt b.txt
run detect --format json shows/d.mp4 gone.mkv shows/a.mp4
check 'others are done when one fails' eval 'is 1 && [ "$(names out)" = "shows/d.mp4 gone.mkv shows/a.mp4 " ]'
run detect --format json -- shows/a.mp4
check 'after -- come paths' eval 'is 0 && lines 1 out'
run detect --format csv shows
check 'csv has its header once' eval 'is 0 && lines 5 out && [ "$(grep -c ^file, out)" -eq 1 ]'

check 'what was seen is kept' eval '[ -n "$(ls cache/bookend)" ]'
XDG_CACHE_HOME="$dir/unused" "$program" detect --no-cache --format json shows/a.mp4 >out 2>err
status=$?
check '--no-cache keeps nothing' eval 'is 0 && [ ! -e unused ]'

# ---- answers that are known ----------------------------------------------------------------------------

run detect --format json shows/a.mp4
timeless out >c.txt
check 'an answer is kept' eval '[ "$(ls cache/bookend/answers | wc -l)" -ge 4 ]'
mv cache/bookend/*.npz tracks.kept 2>/dev/null || { mkdir tracks.kept && mv cache/bookend/*.npz tracks.kept; }
run detect --format json --model nowhere/../../none --quiet shows/a.mp4
check 'of another model it is not known' is 1
run detect --format json --verbose shows/a.mp4
timeless out >d.txt
check 'and known without track, model or video' eval 'is 0 && cmp -s c.txt d.txt && [ -z "$(ls cache/bookend/*.npz 2>/dev/null)" ]'
for f in cache/bookend/answers/*; do echo '{"bookend": 1, "source": "' >"$f"; done
run detect --format json shows/a.mp4
timeless out >d.txt
check 'a damaged one is found anew' eval 'is 0 && cmp -s c.txt d.txt && [ -n "$(ls cache/bookend/*.npz)" ]'
rm -f cache/bookend/*.npz
touch -d '2001-01-01' shows/d.mp4
run detect --format json shows/a.mp4 shows/d.mp4
check 'a video that changed is looked at again' eval 'is 0 && [ "$(ls cache/bookend/*.npz | wc -l)" -eq 1 ]'
run detect --format json --start-within 3 --quiet shows/a.mp4
check 'another question has another answer' eval 'is 0 && [ "$(ls cache/bookend/*.npz | wc -l)" -eq 2 ]'

# ---- folders' files ------------------------------------------------------------------------------------

mkdir -p confs/quiet confs/wrong confs/edl
cp shows/a.mp4 confs/e2.mp4
cp shows/a.mp4 confs/e10.mp4
cp shows/a.mp4 confs/quiet/q.mp4
cp shows/a.mp4 confs/wrong/w.mp4
echo 'skip = true # for now' >confs/quiet/.bookend.conf
printf 'pad-end = 2\nstrt-within = 5:00\n' >confs/wrong/.bookend.conf
run detect --format json confs
check 'numbers sort by value; a folder may be left alone' \
    eval 'is 1 && [ "$(names out)" = "confs/e2.mp4 confs/e10.mp4 confs/wrong/w.mp4 " ] && says "q.mp4: left alone" err'
check 'a wrong line is named with its number' \
    says "^bookend: .*confs/wrong/.bookend.conf, line 2: there is no setting 'strt-within'; did you mean" err
run detect --format json --no-folder-files confs
check '--no-folder-files' eval 'is 0 && lines 4 out'

# ---- files ---------------------------------------------------------------------------------------------

echo old >answers.json
run detect --format json --out answers.json shows
timeless answers.json >a.txt
check '--out' eval 'is 0 && [ ! -s out ] && cmp -s a.txt b.txt'
check 'leaves nothing else' eval '[ -z "$(find . -name ".*.??????")" ] && [ ! -e answers.json.partial ]'
if command -v flock >/dev/null; then
    : >answers.json.partial
    flock answers.json.partial "$program" detect --format json --out answers.json shows >out 2>err
    status=$?
    check 'two runs do not write one file' eval 'is 1 && says "another run" err && cmp -s a.txt b.txt'
    rm -f answers.json.partial
else
    skip 'two runs do not write one file' 'there is no flock'
fi
ln -s answers.json link.json
run detect --format json --out link.json shows/a.mp4
check '--out follows a link' eval 'is 0 && [ -L link.json ] && lines 1 answers.json'

run detect --format json --write shows
if says '"reason"' one.json; then
    skip 'side files' 'the model is not sure of these videos'
else
    check '--write puts files beside the videos' \
        eval 'is 0 && [ ! -s out ] && [ "$(find shows -name "*.bookend.json" | wc -l)" -eq 4 ] && lines 4 err'
    run detect --format json --write shows
    check 'and replaces its own' is 0
    echo mine >shows/a.bookend.json
    run detect --format json --write shows
    check 'but not what others have changed' \
        eval 'is 1 && says "shows/a.bookend.json: .*--force" err && [ "$(cat shows/a.bookend.json)" = mine ]'
    run detect --format json --write --force shows/a.mp4
    check 'except by force' eval 'is 0 && says duration shows/a.bookend.json'
fi

# ---- embed ---------------------------------------------------------------------------------------------

mkdir -p tv/show1 frames/show1/e01 frames/show1/short
make tv/show1/s01e01.mp4 62
cp shows/a.mp4 tv/show1/s01e02.mp4
run embed --out tracks tv
check 'embed names tracks after the path' eval 'is 0 && [ "$(ls tracks)" = show1_s01e01_windows.npz ]'
check 'and passes short ones over' says 's01e02.mp4: .*skipped' err
before=$(ls -l --time-style=full-iso tracks)
run embed --out tracks tv
check 'what is there already is kept' eval 'is 0 && says cached err && [ "$before" = "$(ls -l --time-style=full-iso tracks)" ]'
run embed --out one.npz tv/show1/s01e01.mp4
check 'embed into a file' eval 'is 0 && [ -s one.npz ]'
run embed --out one.npz tv
check 'embed of two into one file' eval 'is 2 && says "2 inputs" err'
ffmpeg -v error -i tv/show1/s01e01.mp4 -vf fps=1 frames/show1/e01/%04d.jpg </dev/null
cp frames/show1/e01/000* frames/show1/short
run embed --out tracks --frames frames
check 'embed of folders of frames' eval 'is 0 && [ -s tracks/show1_e01_windows.npz ] && says "show1/short: .*skipped" err'
run embed --out here frames/show1/e01
check 'embed of one folder of frames' eval 'is 0 && [ "$(ls here)" = e01_windows.npz ]'
run embed --out tracks --frames nothing
check 'embed of a folder without frames' eval 'is 1 && says nothing err'
mkdir twins && cp shows/a.mp4 twins/x.mp4 && cp shows/a.mp4 twins/x.mkv
run embed --out tracks twins
check 'two inputs of one name' eval 'is 1 && says "x.mp4: its track would have the name of that of twins/x.mkv" err'

# ---- init, labels --------------------------------------------------------------------------------------

run init --no-example study
check 'init lays out a folder' eval 'is 0 && [ -d study/data/films ] && says "^file,start_main,end_main$" study/data/labels.csv'
run init study
check 'and never over one that is in use' eval 'is 1 && says "labels.csv: there already" err'
printf 'file,start_main,end_main\ns01e01.mp4,00:00:05,00:00:55\ns01e02.mp4,5 s,00:01:00\n' >bad.csv
run train --labels bad.csv --embeddings tracks --out head.safetensors
check 'a label that cannot be read is named with its line' eval 'is 1 && says "bad.csv:3: start_main is \"5 s\"" err'
run compose --episodes 1 --openings nonsense --out made
check 'a class of opening that does not exist' eval 'is 1 && says "nonsense\|generator" err'

# ---- stopping ------------------------------------------------------------------------------------------

mkdir many
i=0
while [ $i -lt 12 ]; do
    cp tv/show1/s01e01.mp4 many/$i.mp4
    i=$((i + 1))
done
"$program" detect --no-cache --jobs 2 --format json many >out 2>err &
pid=$!
i=0
while [ ! -s out ] && [ $i -lt 1200 ]; do
    sleep 0.1
    i=$((i + 1))
done
kill -TERM $pid
wait $pid
status=$?
check 'a signal stops it' eval 'is 143 && says stopped err'
check 'what is finished is there, and only whole lines' \
    eval '[ -s out ] && ! lines 12 out && [ "$(grep -c "^{.*}$" out)" -eq "$(wc -l <out)" ]'
rm -rf cache
echo old >whole.json
"$program" detect --jobs 2 --format json --out whole.json many >out 2>err &
pid=$!
i=0
while [ ! -s whole.json.partial ] && [ $i -lt 1200 ]; do
    sleep 0.1
    i=$((i + 1))
done
kill -TERM $pid
wait $pid
status=$?
done=$(wc -l <whole.json.partial)
check 'a stopped --out keeps its answers beside what was there' \
    eval 'is 143 && [ "$(cat whole.json)" = old ] && [ "$done" -gt 0 ] && says "kept in .*whole.json.partial" err'
kept=$(ls cache/bookend/answers | wc -l)
before=$(ls -l --time-style=full-iso cache/bookend/answers)
run detect --jobs 2 --format json --out whole.json many
check 'and the same command goes on' eval 'is 0 && lines 12 whole.json && [ ! -e whole.json.partial ]'
check 'with the rest' eval '[ "$kept" -ge "$done" ] && [ "$(ls cache/bookend/answers | wc -l)" -eq 12 ] &&
    ls -l --time-style=full-iso cache/bookend/answers >after && [ "$(echo "$before" | sed 1d | while IFS= read -r line; do grep -qxF -e "$line" after || echo lost; done)" = "" ]'
finish
