#!/usr/bin/env bash
# json, and text with --utf8, write a character as it is if Python's tables of
# Unicode say that it shows itself, and escape every other one.
. "${srcdir:-.}/tests/lib.sh"
need nc
need python3

# characters: prints commands whose arguments are all characters there are, 256
# each, but for surrogates, which UTF-8 has not.
characters() {
	python3 - <<'EOF'
import sys

for first in range(0, 0x110000, 256):
    if not 0xd800 <= first <= 0xdfff:
        text = ''.join(map(chr, range(first, first + 256))).encode()
        sys.stdout.buffer.write(b'*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n' %
                                (len(text), text))
EOF
}

# judge FORMAT: compares the trace with what Python says.
judge() {
	python3 - "$1" "$T/trace" <<'EOF' || fail "$1: see above"
import json
import sys
import unicodedata

TABLE = (17, 0, 0)	# the version in src/format/printable.c
python = tuple(map(int, unicodedata.unidata_version.split('.')))

# Invisible whatever their category: Default_Ignorable_Code_Point, as far as
# that is none of Cc, Cf and Cn.
ignorable = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180f, 0x3164, 0xffa0}
for first, last in (0x180b, 0x180d), (0xfe00, 0xfe0f), (0xe0100, 0xe01ef):
    ignorable.update(range(first, last + 1))

def noncharacter(c):
    return 0xfdd0 <= c <= 0xfdef or c & 0xfffe == 0xfffe

def verdict(c):
    """Whether it shows itself; None: which one only the other table knows."""
    category = unicodedata.category(chr(c))
    if category == 'Cn' and not noncharacter(c) and python < TABLE:
        return None
    shows = category not in ('Cc', 'Cf', 'Cs', 'Co', 'Cn', 'Zl', 'Zp')
    shows = shows and c not in ignorable
    return None if shows and python > TABLE and c > 0x7f else shows

def escapes(style, c):
    """How it is written if it may not stay."""
    if style == 'text':
        return ''.join('\\x%02x' % b for b in chr(c).encode())
    return json.dumps(chr(c))[1:-1]

style, trace = sys.argv[1:]
with open(trace, encoding='utf-8', newline='\n') as f:
    lines = [line for line in f.read().split('\n') if 'ECHO' in line]
wrong = seen = 0
firsts = [n for n in range(0, 0x110000, 256) if not 0xd800 <= n <= 0xdfff]
for first, line in zip(firsts, lines):
    at = line.index('ECHO') + len('ECHO","' if style == 'json' else 'ECHO" "')
    for c in range(first, first + 256):
        stays = line.startswith(chr(c), at)
        shows = verdict(c)
        letters = c < 0x80 and line[at] == '\\' and line[at + 1] not in 'ux'
        if letters:		# \n and the like: other tests know them
            at += 2
            continue
        seen += 1
        text = chr(c) if stays else escapes(style, c)
        if not line.startswith(text, at) or shows not in (None, stays):
            print('U+%04X is written %s' % (c, ascii(line[at:at + 12])))
            wrong += 1
            if wrong > 20:
                sys.exit(1)
        at += len(text)
print('%s: %d characters, Unicode %s' %
      (style, seen, unicodedata.unidata_version))
sys.exit(wrong > 0 or seen < 0x10f000)
EOF
}

characters >"$T/all"
for format in json text; do
	start -f "$format" --utf8 --show=cmd --clip=2000 --time=none
	nc -N 127.0.0.1 "$PORT" <"$T/all" >"$T/out"
	stop
	judge "$format"
done
