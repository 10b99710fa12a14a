import { TOKEN } from '../tokens.ts';

/**
 * Fits an unpacked archive to the place where it lies, and again after each move. POSIX sh, sed and ln: a machine
 * that runs the program needs no Node. The files with tokens are kept as they came, so each run begins from them.
 */
export const RELOCATE = String.raw`#!/bin/sh
# Fits this layout to the folder it lies in. Run it once after unpacking, and after each move.
# usage: .exitproof/relocate [PYTHON]
set -eu
LC_ALL=C
export LC_ALL

fail() { printf 'relocate: %s\n' "$1" >&2; exit 1; }

own=$(cd "$(dirname "$0")" && pwd -P)
layout=$(dirname "$own")
case $layout in *[[:space:]]*) fail "the path of the layout may not contain a space: $layout" ;; esac
[ "\${#layout}" -le 230 ] || fail "the path of the layout is too long for the first line of a script: $layout"
cd "$layout"

wanted=$(cat .exitproof/python-version)
abi=$(cat .exitproof/python-abi)
python=\${1:-python$wanted}
command -v "$python" >/dev/null 2>&1 || fail "there is no $python: name one, .exitproof/relocate /path/to/python$wanted"
answer=$("$python" -I -c 'import os, sys, sysconfig
print("%d.%d" % sys.version_info[:2])
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
print(sysconfig.get_config_var("SOABI") or "")') || fail "$python does not run"
version=$(printf '%s\n' "$answer" | sed -n 1p)
python=$(printf '%s\n' "$answer" | sed -n 2p)
[ "$version" = "$wanted" ] || fail "this layout is for Python $wanted, and $python is $version"
given=$(printf '%s\n' "$answer" | sed -n 3p)
# Where nothing in the layout is compiled, only the beginning is named: Python alone runs on every system.
[ -z "$abi" ] || [ -z "$given" ] || case $given- in "$abi"-*) true ;; *) false ;; esac \
  || fail "this layout is for the ABI $abi, and that of $python is $given"

# The first time: verify everything, then keep what is to be filled in.
if [ ! -d .exitproof/templates ]; then
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum -c .exitproof/sha256sums >/dev/null || fail 'the layout is not what was checked'
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 -c .exitproof/sha256sums >/dev/null || fail 'the layout is not what was checked'
  else
    printf 'relocate: neither sha256sum nor shasum is here: not verified\n' >&2
  fi
  sed 's/^[0-9a-f]*  //' .exitproof/sha256sums > .exitproof/listed
  find . -path ./.exitproof -prune -o -type f -print | sed 's|^\./||' > .exitproof/found
  # Not comm, which not every busybox has. What is listed stands here twice at least.
  added=$(sort .exitproof/listed .exitproof/listed .exitproof/found | uniq -u | sed -n 1p)
  rm -f .exitproof/listed .exitproof/found
  [ -z "$added" ] || fail "the layout is not what was checked: $added was added"
  [ -x "$(cat .exitproof/executable)" ] || fail 'the layout has lost its modes where it was unpacked or uploaded'
  rm -rf .exitproof/templates.part
  while IFS= read -r file; do
    mkdir -p ".exitproof/templates.part/$(dirname "$file")"
    cp -p "$file" ".exitproof/templates.part/$file"
  done < .exitproof/filled
  mkdir -p .exitproof/templates.part
  mv .exitproof/templates.part .exitproof/templates
fi

quoted() { printf '%s\n' "$1" | sed 's/[\\&|]/\\&/g'; }
layout_value=$(quoted "$layout")
home_value=$(quoted "$(dirname "$python")")
python_value=$(quoted "$python")

while IFS= read -r file; do
  rm -f "$file.part"
  cp -p ".exitproof/templates/$file" "$file.part"
  chmod u+w "$file.part"
  sed -e "s|@LAYOUT@|$layout_value|g" -e "s|@HOME@|$home_value|g" -e "s|@PYTHON@|$python_value|g" \
    ".exitproof/templates/$file" > "$file.part"
  mv -f "$file.part" "$file"
done < .exitproof/filled

while IFS= read -r link; do
  ln -sf "$python" "$link"
done < .exitproof/python-links

printf '%s\n' "$layout/$(cat .exitproof/executable)"
`
  .replaceAll('\\$', '$')
  .replace('@LAYOUT@', TOKEN.layout)
  .replace('@HOME@', TOKEN.home)
  .replace('@PYTHON@', TOKEN.python);
