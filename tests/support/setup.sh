# What run.sh and test.sh share: the packages they need, and building. Sourced, with $top set to the
# root of the tree. POSIX sh; everything it says goes to standard error.

say() {
    printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
}

# Is what package $1 is needed for there already, from wherever it came?
have() {
    case $1 in
    gcc) ${CC:-cc} --version >/dev/null 2>&1 ;;
    libc6-dev) printf '#include <math.h>\n' | ${CC:-cc} -E - >/dev/null 2>&1 ;;
    pkg-config) command -v pkg-config >/dev/null 2>&1 ;;
    libgsl-dev) pkg-config --exists gsl 2>/dev/null ;;
    libfyaml-dev) pkg-config --exists libfyaml 2>/dev/null ;;
    libcmocka-dev) pkg-config --exists cmocka 2>/dev/null ;;
    ninja-build) command -v ninja >/dev/null 2>&1 ;;
    gnuplot-nox) command -v gnuplot >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# Which of the packages "$@" are missing.
missing_packages() {
    for package; do
        have "$package" || printf '%s ' "$package"
    done
}

# Install the packages "$@", as root or through sudo. Package lists are fetched only when they are
# absent or so old that the installation fails.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "missing: $*"
        say "these are Debian's names; this system has no apt-get, so please install them by hand"
        return 1
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "missing: $*"
            say "please run as root: apt-get install $*"
            return 1
        fi
        as_root=sudo
        [ -t 0 ] || as_root='sudo -n'
    fi
    say "installing $*"
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
    log=$(mktemp) || return 1
    if { apt-cache show "$@" >"$log" 2>&1 &&
        $apt install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; } ||
        { $apt update >"$log" 2>&1 </dev/null &&
            $apt install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; }; then
        rm -f "$log"
        return 0
    fi
    cat "$log" >&2
    rm -f "$log"
    say "could not install $*; as root: apt-get update && apt-get install $*"
    return 1
}

# Make sure that the packages "$@" are there.
need_packages() {
    missing=$(missing_packages "$@")
    [ -z "$missing" ] || install_packages $missing || return 1
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return 0
    say "still missing: $missing"
    return 1
}

# Meson's options for an optimised sluice, to be split into words. Link-time optimisation makes whole runs 4 % faster; gcc brings all
# that it takes, clang would need a linker's plugin.
release_options() {
    printf '%s' '--buildtype=release -Dtests=false'
    if ! ${CC:-cc} -dM -E - </dev/null 2>/dev/null | grep -q __clang__; then
        printf ' %s' '-Db_lto=true'
    fi
}

# Build the tree in $1 with meson's options "$@" after it; quiet unless it fails. A folder that was
# set up with other options, or for a tree elsewhere (moved or copied), is made anew.
build_tree() {
    folder=$1
    shift
    set_up_for="${CC:-} $top $*"
    if [ -d "$folder" ] && [ "$(cat "$folder/set-up-for" 2>/dev/null)" != "$set_up_for" ]; then
        rm -rf "$folder"
    fi
    mkdir -p "$folder" || return 1
    log=$folder/build.log
    if [ ! -f "$folder/build.ninja" ]; then
        say "setting up $folder"
        if ! meson setup "$folder" "$top" "$@" >"$log" 2>&1 </dev/null; then
            cat "$log" >&2
            return 1
        fi
        printf '%s\n' "$set_up_for" >"$folder/set-up-for"
    fi
    if ! ninja -C "$folder" -n 2>/dev/null | grep -q 'no work to do'; then
        say "building in $folder"
    fi
    if ! ninja -C "$folder" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        return 1
    fi
}
