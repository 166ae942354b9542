#!/usr/bin/env bash
# The unit for systemd: what systemd itself says of it.
. "${srcdir:-.}/tests/lib.sh"
need systemd-analyze

unit=$srcdir/packaging/resptap.service
sed "s|^ExecStart=[^ ]*|ExecStart=$RESPTAP|" "$unit" >"$T/resptap.service"
systemd-analyze --man=no verify "$T/resptap.service" >"$T/out" 2>&1
status=$?
! grep 'resptap\.service' "$T/out" || fail 'systemd complains about the unit'
[ $status = 0 ] ||
    skip "systemd-analyze cannot verify here: $(head -n 1 "$T/out")"

systemd-analyze security --offline=true --threshold=15 \
    "$T/resptap.service" >"$T/out" 2>&1
status=$?
grep -q 'Overall exposure level' "$T/out" ||
    skip "this systemd-analyze knows no --offline: $(head -n 1 "$T/out")"
is 'the exit status' 0 "$status"

# The command line in it is one that the program takes.
options=$(sed -n 's/^Environment="RESPTAP_OPTIONS=\(.*\)"$/\1/p' "$unit")
[ -n "$options" ] || fail 'the unit has no options'
# shellcheck disable=SC2086 # several
"$RESPTAP" --output="$T/trace" $options --help >"$T/out" ||
    fail "these options are refused: $options"
has "$T/out" '^Usage'
