#!/bin/sh
# What run.sh and test.sh do on a machine that lacks packages, with commands that only take notes in
# the place of apt-get, sudo and id. Prints one "ok" or "not ok" line a test.
#
# usage: setup.sh ROOT
set -u
top=$1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
number=0 failures=0

# A machine with the commands "$@" and what the scripts themselves need; $scratch/bin is its PATH.
machine() {
    rm -rf "$scratch/bin" "$scratch/notes"
    mkdir "$scratch/bin"
    for tool in sh basename mktemp rm cat env grep "$@"; do
        [ -e "$scratch/bin/$tool" ] || ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
    done
}

# A command $1 of that machine with the body $2.
command_of_machine() {
    printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# Ask for the packages "$@" on that machine.
ask() {
    env PATH="$scratch/bin" NOTES="$scratch/notes" BIN="$scratch/bin" sh -c \
        'top=$1; shift; . "$top/tests/support/setup.sh"; need_packages "$@"' run.sh "$top" "$@" \
        >"$scratch/out" 2>"$scratch/err" </dev/null
}

result() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        failures=$((failures + 1))
        echo "not ok $number - $2"
        sed 's/^/#   /' "$scratch/err"
    fi
}

installing='echo "$*" >>"$NOTES"; case "$*" in *install*)
    printf "#!/bin/sh\n" >"$BIN/meson"; /bin/chmod +x "$BIN/meson" ;; esac'

machine
command_of_machine meson ''
command_of_machine apt-get 'echo called >>"$NOTES"'
ask meson && [ ! -e "$scratch/notes" ] && [ ! -s "$scratch/err" ]
result $? 'nothing is installed when nothing is missing'

machine
! ask meson && grep -q 'no apt-get' "$scratch/err" && grep -q 'missing: meson' "$scratch/err"
result $? 'without apt-get the missing packages are named'

machine
command_of_machine id 'echo 1000'
command_of_machine apt-get "$installing"
! ask meson && [ ! -e "$scratch/notes" ] && grep -q 'as root: apt-get install meson' "$scratch/err"
result $? 'without rights the command to run is named, and nothing is tried'

machine
command_of_machine id 'echo 0'
command_of_machine apt-cache 'exit 0'
command_of_machine apt-get "$installing"
ask meson && ! grep -q update "$scratch/notes" && grep -q 'install -y .*meson$' "$scratch/notes"
result $? 'root installs what is missing, without fetching lists that are there'

machine
command_of_machine id 'echo 0'
command_of_machine apt-cache 'exit 100'
command_of_machine apt-get "$installing"
ask meson && head -n 1 "$scratch/notes" | grep -q 'update$'
result $? 'lists are fetched when they are absent'

machine
command_of_machine id 'echo 1000'
command_of_machine sudo 'echo "sudo $*" >>"$NOTES"; [ "$1" = -n ] && shift; exec "$@"'
command_of_machine apt-cache 'exit 0'
command_of_machine apt-get "$installing"
ask meson && grep -q '^sudo -n' "$scratch/notes"
result $? 'another user goes through sudo, which must not ask when nobody can answer'

machine
command_of_machine id 'echo 0'
command_of_machine apt-cache 'exit 0'
command_of_machine apt-get 'echo "no route to host"; exit 100'
! ask meson && grep -q 'no route to host' "$scratch/err" && grep -q 'could not install meson' "$scratch/err"
result $? 'a failed installation shows what apt-get said'

[ "$failures" -eq 0 ]
