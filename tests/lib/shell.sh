# shellcheck shell=bash
# Shell tests: ok NAME COMMAND…, holds NAME CONDITION…, skip NAME WHY; finish prints the count line.
passed=0 failed=0 skipped=0
scratch=$(mktemp -d) || exit 1

# The command succeeds.
ok() {
	local name=$1
	shift
	if "$@" > "$scratch/out" 2>&1; then passed=$((passed + 1)); return 0; fi
	failed=$((failed + 1)); echo "FAIL $name: $* ($?)"; tail -n 15 "$scratch/out"; return 1
}
# The command ends with that exit code; its output stays in $scratch/out.
exits() {
	local name=$1 want=$2 got
	shift 2
	"$@" > "$scratch/out" 2>&1 < /dev/null; got=$?
	if [ $got = "$want" ]; then passed=$((passed + 1)); return 0; fi
	failed=$((failed + 1)); echo "FAIL $name: exit $got, not $want: $*"; tail -n 15 "$scratch/out"; return 1
}
# The last output has a line that matches (says) or none (silent).
says() {
	if grep -qE -- "$2" "$scratch/out"; then passed=$((passed + 1)); return 0; fi
	failed=$((failed + 1)); echo "FAIL $1: no line matches '$2' in:"; tail -n 15 "$scratch/out"; return 1
}
silent() {
	if ! grep -qE -- "$2" "$scratch/out"; then passed=$((passed + 1)); return 0; fi
	failed=$((failed + 1)); echo "FAIL $1: a line matches '$2':"; grep -E -- "$2" "$scratch/out" | head -n 5; return 1
}
same() { # NAME EXPECTED FOUND
	if [ "$2" = "$3" ]; then passed=$((passed + 1)); return 0; fi
	failed=$((failed + 1)); echo "FAIL $1:"; diff <(echo "$2") <(echo "$3") | head -n 20; return 1
}
skip() { skipped=$((skipped + 1)); echo "skip: $1: $2"; }
finish() {
	rm -rf "$scratch"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
}
