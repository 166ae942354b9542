#!/bin/sh
# What a reviewer should not have to look for: layers, sizes, forms, and
# whether the documents and the program name the same options.
#
# Prints one line FILE:LINE: TEXT for each violation, and lines that begin with
# "note: " for what is worth a look but fails nothing.  `make check` runs it with
# $srcdir in the environment; by hand it is just tests/lint.sh.  Exit status: 0
# clean, 1 violations, 77 nothing there to check.
#
# tests/lint.sh --rooms prints the picture of the includes instead: a line
# "conn -> net 12" for each arrow between two rooms of src, with the number of
# #include lines behind it, and a line for each two files of different rooms
# that include each other, by whatever way.  Exit status: 1 when there are such.
#
# Formatting is left to the eye: clang-format cannot write KNF exactly.
#
# shellcheck disable=SC2016 # the $ in single quotes are awk's
set -u
export LC_ALL=C

cd "${srcdir:-$(dirname "$0")/..}" || exit 1

violations=$(mktemp) || exit 1
trap 'rm -f "$violations"' EXIT
trap 'exit 1' HUP INT TERM

# note TEXT: says what was not checked, and why, or what is worth a look.
note() {
	echo "note: $*"
}

# files WORD...: prints those of the words that are files; a glob that matches
# nothing is none.
files() {
	for file in "$@"; do
		[ -f "$file" ] && printf '%s\n' "$file"
	done
	:
}

src_files=$(files src/*.c src/*.h src/*/*.c src/*/*.h)
c_files=$(printf '%s\n' "$src_files"
	files tests/*.c tests/*.h bench/*.c bench/*.h fuzz/*.c fuzz/*.h)
scripts=$(files quickstart bootstrap .ci/run completion/*.bash tests/*.sh \
	bench/*.sh fuzz/*.sh)
build_files=$(files Makefile.am configure.ac m4/resptap.m4)

# over FILES AWK-PROGRAM: runs awk on the files, if there are any.  The program
# may use the functions in $awk_lib.  File names have no spaces here.
over() {
	# shellcheck disable=SC2086 # a list of names
	[ -z "$1" ] || awk "$awk_lib $2" $1
}

# bad(text): reports a violation in the line at hand.
# code(line): the line without comments, and with empty strings; call it for
#     every line in turn, it follows comments over lines.
# stem(path): "src/net/leg.c" -> "src/net/leg".
# included(): the path that the #include in $0 names, or "".
# room(path): "src/net/leg.c" -> "net"; "src/main.c" -> "main".
# target(name): the file of ours that an #include of this name in FILENAME
#     means, or "".
awk_lib='
BEGIN {
	for (i = 1; i < ARGC; i++)
		ours[ARGV[i]] = 1
}
function bad(text) {
	print FILENAME ":" FNR ": " text
}
function code(line,    out, c, quote) {
	if (FNR == 1)
		in_comment = 0
	out = ""
	quote = ""
	while (line != "") {
		c = substr(line, 1, 1)
		if (in_comment) {
			if (substr(line, 1, 2) == "*/") {
				in_comment = 0
				line = substr(line, 2)
			}
		} else if (quote != "") {
			if (c == "\\")
				line = substr(line, 2)
			else if (c == quote) {
				out = out c
				quote = ""
			}
		} else if (substr(line, 1, 2) == "//")
			break
		else if (substr(line, 1, 2) == "/*") {
			in_comment = 1
			line = substr(line, 2)
		} else {
			if (c == "\"" || c == "\047")
				quote = c
			out = out c
		}
		line = substr(line, 2)
	}
	return out
}
function stem(path) {
	sub(/\.[ch]$/, "", path)
	return path
}
function included(    s) {
	if ($0 !~ /^[ \t]*#[ \t]*include[ \t]*[<"]/)
		return ""
	s = $0
	sub(/^[^<"]*[<"]/, "", s)
	sub(/[>"].*/, "", s)
	return s
}
function room(path) {
	sub(/^src\//, "", path)
	if (path !~ /\//)
		return stem(path)
	sub(/\/.*/, "", path)
	return path
}
function target(name,    dir) {
	dir = FILENAME
	sub(/[^\/]*$/, "", dir)
	if ((dir name) in ours)
		return dir name
	return ("src/" name) in ours ? "src/" name : ""
}
'

# The layers of doc/design.md, read from the #include lines: each room may
# include from the rooms in its own list, and within net only leftwards.
check_layers() {
	over "$src_files" '
	BEGIN {
		may["base"] = " base "
		may["resp"] = " resp base "
		may["redis"] = " redis resp base "
		may["stub"] = " stub redis resp base "
		may["trace"] = " trace redis resp base "
		may["format"] = " format trace redis resp base "
		may["sink"] = " sink format trace redis resp base "
		may["net"] = " net base "
		may["conn"] = " conn sink stub net format trace redis resp base "
		may["server"] = " server conn sink stub net format trace redis resp base "
		may["cmd"] = " cmd server conn sink stub net format trace redis resp base "
		may["main"] = " main cmd server base "
		n = split("address loop timer tcp listener lookup leg flow upstream", order, " ")
		for (i = 1; i <= n; i++)
			rank[order[i]] = i
	}
	# The place in net: conn_timers.c stands where conn.c does.
	function place(path) {
		path = stem(path)
		sub(/.*\//, "", path)
		sub(/_.*/, "", path)
		return rank[path]
	}
	FNR == 1 {
		here = room(FILENAME)
		if (!(here in may))
			bad("\"" here "\" is in no room of the design")
		else if (here == "net" && !place(FILENAME))
			bad("this file has no place in the order of net")
	}
	(name = included()) != "" {
		path = target(name)
		if (path == "" && $0 ~ /"/ && room("src/" name) in may)
			path = "src/" name	# not written yet
		if (path == "")
			next
		there = room(path)
		if (!(there in may) || !(here in may))
			next
		if (!index(may[here], " " there " ") &&
		    !index(may[here], " " stem(substr(path, 5)) " "))
			bad(here " must not include from " there ": " name)
		else if (here == "net" && there == "net" &&
		    place(path) > place(FILENAME))
			bad("against the order of net: " name)
	}'
}

# The picture of the includes: arrows between rooms, and circles.
print_rooms() {
	over "$src_files" '
	function follow(from, at,    i, n, names) {
		n = split(to[at], names, " ")
		for (i = 1; i <= n; i++) {
			if ((from, names[i]) in reached)
				continue
			reached[from, names[i]] = 1
			follow(from, names[i])
		}
	}
	(path = included()) ~ /^event2?[\/.]/ {
		arrows[room(FILENAME) " -> libevent"]++
	}
	(path = target(path)) != "" {
		if (room(FILENAME) != room(path))
			arrows[room(FILENAME) " -> " room(path)]++
		to[stem(FILENAME)] = to[stem(FILENAME)] " " stem(path)
	}
	END {
		for (arrow in arrows)
			print arrow, arrows[arrow] | "sort"
		close("sort")
		for (file in to)
			follow(file, file)
		for (pair in reached) {
			split(pair, file_of, SUBSEP)
			a = file_of[1]
			b = file_of[2]
			if (a < b && room(a) != room(b) && (b, a) in reached) {
				print "circle: " a " <-> " b
				circles++
			}
		}
		exit circles > 0
	}'
}

# libevent is known in net, server and export; and a connection's descriptor is
# read by its bufferevent, not by an event beside it.
check_libevent() {
	over "$src_files" '
	(name = included()) ~ /^(event2\/|event\.h|ev(util|dns|http|rpc)\.h)/ {
		if (FILENAME !~ /^src\/(net|server|export)\//)
			bad("libevent is known in net, server and export only: " \
			    name)
	}'
	over "$(files src/net/leg*.c src/net/upstream*.c src/net/flow*.c \
		src/conn/*.c)" '
	code($0) ~ /event_(new|assign|add)[ \t]*\(|EV_PERSIST/ {
		bad("a leg is read by its bufferevent: no event of our own")
	}'
}

# A .c includes config.h, then its own header: leg.h for leg.c, format.h for
# format_hex.c; main.c has none.
check_own_header() {
	over "$src_files" '
	FILENAME !~ /\.c$/ {
		next
	}
	FNR == 1 {
		finish()
		own = stem(FILENAME)
		if (!((own ".h") in ours))
			sub(/_[^\/]*$/, "", own)
		own = ((own ".h") in ours) ? substr(own ".h", 5) : ""
		seen = 0
		file = FILENAME
	}
	function finish() {
		if (file != "" && seen == 0)
			print file ":1: does not include \"config.h\""
		else if (file != "" && seen == 1 && own != "")
			print file ":1: does not include \"" own "\""
	}
	END {
		finish()
	}
	(name = included()) != "" {
		seen++
		if (seen == 1 && name != "config.h")
			bad("the first include is to be \"config.h\"")
		private = own
		sub(/\.h$/, "_private.h", private)
		if (seen == 2 && own != "" && name != own && name != private)
			bad("the second include is to be \"" own "\"")
	}'
}

# No variables are shared by extern: a module has functions.
check_extern() {
	over "$src_files" '
	{
		line = code($0)
	}
	line ~ /^[ \t]*extern[ \t]/ && (line !~ /\(/ || line ~ /\([ \t]*\*/) {
		bad("extern variable")
	}'
}

# No umbrella header: one that only includes, or includes very many of ours.
check_umbrella() {
	over "$src_files" '
	function finish() {
		if (includes > 6 || (includes > 0 && !declares))
			print file ":1: umbrella header (" includes \
			    " includes" (declares ? ")" : ", nothing else)")
		includes = declares = 0
	}
	FNR == 1 {
		finish()
	}
	END {
		finish()
	}
	FILENAME !~ /\.h$/ {
		next
	}
	{
		file = FILENAME
		line = code($0)
		if ($0 ~ /^[ \t]*#[ \t]*include[ \t]*"/)
			includes++
		else if (line ~ /^[ \t]*#[ \t]*define[ \t]+[^ \t]+[ \t]/ ||
		    line ~ /^[^#]*[A-Za-z0-9_]/)
			declares = 1
	}'
}

# A mark of unfinished work says what is missing: "TODO: " and a few words.
check_marks() {
	over "$(printf '%s\n' "$c_files" "$scripts" "$build_files" |
		grep -v '^tests/lint\.sh$')" '
	match(" " $0 " ", /[^A-Za-z0-9_](TODO|FIXME|XXX)[^A-Za-z0-9_]/) {
		rest = substr($0 " ", RSTART + RLENGTH - 2)
		if (rest !~ /^: [^ ]+ [^ ]+ [^ ]/)
			bad("a mark without its reason")
	}'
}

# Tests wait for what they wait for, not for time to pass.
check_sleeps() {
	over "$(files tests/check_*.c tests/check_*.h tests/peer*.c)" '
	code($0) ~ /(^|[^A-Za-z0-9_])(u|nano|clock_nano)?sleep[ \t]*\(/ {
		bad("a test that sleeps")
	}'
	over "$(files tests/t_*.sh tests/lib.sh)" '
	/^[ \t]*#/ {
		next
	}
	/(^|[;&|({`!]|then|else|do)[ \t]*(u|nano)?sleep([ \t;)]|$)/ {
		bad("a test that sleeps")
	}'
}

# Tests listen on port 0, a unix socket or what a variable says.
check_ports() {
	over "$(files tests/t_*.sh)" '
	/^[ \t]*#/ {
		next
	}
	{
		line = $0
		while (match(line, \
		    /(--listen|-l|--port|-p)[= ]?["\047]?[^ \t"\047;|&)]+/)) {
			value = substr(line, RSTART, RLENGTH)
			before = RSTART > 1 ? substr(line, RSTART - 1, 1) : " "
			line = substr(line, RSTART + RLENGTH)
			if (before ~ /[A-Za-z0-9_-]/)
				continue
			sub(/^-(-listen|l|-port|p)[= ]?["\047]?/, "", value)
			if (value ~ /^unix:/)
				continue
			sub(/.*:/, "", value)
			if (value ~ /^[0-9]+$/ && value + 0 > 0 &&
			    value + 0 < 65536)
				bad("fixed port " value)
		}
	}'
}

# Sizes: 80 columns in a line.  A file of src with more than 600 lines, without
# the rows of its tables, or a function with more than 80, mostly does two things:
# that is a note, since only a reader can tell.
check_sizes() {
	over "$c_files" '
	function finish() {
		if (file ~ /^src\// && lines > 600)
			print "note: " file ": " lines " lines; is it two " \
			    "subjects?"
	}
	FNR == 1 {
		finish()
		start = inside = lines = 0
	}
	END {
		finish()
	}
	{
		file = FILENAME
		lines += !/^\t(ROW\(|\{ )/
		text = $0
		gsub(/[\200-\277]/, "", text)	# the rest of a UTF-8 character
		columns = 0
		n = split(text, part, "\t")
		for (i = 1; i < n; i++) {
			columns += length(part[i])
			columns += 8 - columns % 8
		}
		columns += length(part[n])
		if (columns > 80)
			bad("a line of " columns " columns")
	}
	!inside && /^[A-Za-z_][A-Za-z0-9_]*\(/ {
		start = FNR
		name = $0
		sub(/\(.*/, "", name)
	}
	!inside && start && /^{/ {
		inside = 1
	}
	!inside && start && /;[ \t]*$/ {
		start = 0
	}
	inside && /^}/ {
		n = FNR - start + 1
		if (n > 80)
			print "note: " FILENAME ":" start ": " name \
			    "() has " n " lines"
		start = inside = 0
	}'
}

# No white space at the end of a line.
check_white_space() {
	over "$(printf '%s\n' "$c_files" "$scripts" "$build_files")" '
	/[ \t\r]$/ {
		bad("white space at the end of the line")
	}'
}

# help_options, man_options: print "LINE --NAME" for each option that --help
# names at the beginning of a line, or that has an .It in the manual page, as
# in ".It Fl l , -listen = Ns Ar ADDR", "Fl -listen", "Fl Fl listen" or
# "\-\-listen".
help_options() {
	awk '
	match($0, /" +(-[A-Za-z0-9], +)?--[a-z]/) {
		line = substr($0, RSTART)
		# Only the columns of names, not the description.
		while (match(line, /^[" ]*(-[A-Za-z0-9], +)?--[a-z][a-z0-9-]*/)) {
			name = substr(line, 1, RLENGTH)
			sub(/.*[ "]/, "", name)
			line = substr(line, RLENGTH + 1)
			sub(/^[^ ]*/, "", line)
			print FNR, name
		}
	}' src/cmd/options_help.c
}

man_options() {
	awk '
	/^\.It .*Fl/ {
		gsub(/\\-/, "-")
		gsub(/Fl Fl /, "Fl -")
		n = split($0, word, /[ \t,=]+/)
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^--?[a-z][a-z0-9-]+$/) {
				sub(/^--?/, "--", word[i])
				print FNR, word[i]
			}
	}' doc/resptap.1
}

# Every option stands in --help and in the manual page's list; README may leave
# options out, but names none that do not exist.
check_options() {
	if [ ! -f src/cmd/options.c ]; then
		note 'options: src/cmd/options.c is not there yet'
		return
	fi
	help=$(help_options)
	[ -n "$help" ] ||
	    echo 'src/cmd/options_help.c:1: no option found in the text of --help'
	if [ -f doc/resptap.1 ]; then
		man=$(man_options)
		same_options "$help" "$man" src/cmd/options_help.c 'doc/resptap.1'
		same_options "$man" "$help" doc/resptap.1 '--help'
	else
		note 'options: doc/resptap.1 is not there yet'
	fi
	if [ -f README ]; then
		readme=$(grep -noE -e '--[a-z][a-z0-9-]*' README | tr : ' ')
		same_options "$readme" "$help" README '--help'
	else
		note 'options: README is not there yet'
	fi
}

# same_options LIST OTHER FILE WHERE: each option of LIST, which was read from
# FILE, must be in OTHER, which was read from WHERE.
same_options() {
	printf '%s\n' "$1" | while read -r line name; do
		[ -n "$name" ] || continue
		printf '%s\n' "$2" | grep -q -e " $name\$" ||
		    echo "$3:$line: $name is missing in $4"
	done
}

# The manual page is clean mdoc.
check_manual() {
	if [ ! -f doc/resptap.1 ]; then
		note 'manual page: not there yet'
	elif ! command -v mandoc >/dev/null 2>&1; then
		note 'manual page: no mandoc here'
	else
		mandoc -T lint -W warning doc/resptap.1 2>&1 |
		    sed 's/^mandoc: //'
	fi
}

# shell_of SCRIPT: prints sh or bash.
shell_of() {
	if head -n 3 "$1" | grep -q -e '^#!.*bash' -e 'shellcheck shell=bash'
	then
		echo bash
	else
		echo sh
	fi
}

# Shell scripts parse, and shellcheck finds nothing to warn of.
check_scripts() {
	for file in $scripts; do
		shell=$(shell_of "$file")
		command -v "$shell" >/dev/null 2>&1 || continue
		errors=$("$shell" -n "$file" 2>&1) ||
		    echo "$file:1: does not parse: ${errors#"$file: "}" |
		    head -n 1
	done
	if ! command -v shellcheck >/dev/null 2>&1; then
		note 'scripts: no shellcheck here'
		return
	fi
	# shellcheck disable=SC2086 # a list of names
	[ -z "$scripts" ] ||
	    shellcheck -f gcc -S warning -e SC1090,SC1091 $scripts
}

if [ -z "$src_files" ]; then
	note "no sources below $PWD/src"
	exit 77
fi
if [ "${1:-}" = --rooms ]; then
	print_rooms
	exit
fi
{
	check_layers
	check_libevent
	check_own_header
	check_extern
	check_umbrella
	check_marks
	check_sleeps
	check_ports
	check_sizes
	check_white_space
	check_options
	check_manual
	check_scripts
} >"$violations" 2>&1
grep '^note: ' "$violations"
if grep -v '^note: ' "$violations"; then
	exit 1
fi
exit 0
