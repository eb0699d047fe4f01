#!/bin/sh
# Builds build/deb/media-guard_<version>_amd64.deb. Needs python3-venv and dpkg-deb. The same commit gives the same bytes.
set -eu
cd "$(dirname "$0")/../.."
umask 022
LC_ALL=C
PYTHONDONTWRITEBYTECODE=1
export LC_ALL PYTHONDONTWRITEBYTECODE

python=/usr/bin/python3
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' guard/__init__.py)
python_version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
python_next=$("$python" -c 'import sys; print("%d.%d" % (sys.version_info[0], sys.version_info[1] + 1))')
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1704067200)}
export SOURCE_DATE_EPOCH

out=build/deb
mkdir -p "$out"

# 1. The libraries, unpacked and cut down once for each list of requirements.
key=$(cat packaging/deb/requirements.txt packaging/deb/build.sh | sha256sum | cut -c 1-16)-$python_version
libraries=$out/libraries-$key
if [ ! -d "$libraries" ]; then
	rm -rf "$out"/libraries-* "$out/venv"
	"$python" -m venv "$out/venv"
	"$out/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary :all: \
		--target "$libraries.new" --requirement packaging/deb/requirements.txt 2>"$out/pip.log" ||
		"$out/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile \
			--target "$libraries.new" --requirement packaging/deb/requirements.txt
	rm -rf "$out/venv" "$libraries.new/bin"
	# Tests, type stubs, C sources and dialects for other databases are of no use to a running guard.
	find "$libraries.new" -depth \( -name tests -o -name testing -o -name __pycache__ \) -type d -exec rm -rf {} +
	find "$libraries.new" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \
		-o -name py.typed -o -name RECORD -o -name INSTALLER -o -name REQUESTED -o -name WHEEL -o -name top_level.txt \
		-o -name entry_points.txt -o -name direct_url.json \) -delete
	for dialect in mssql mysql oracle postgresql; do
		rm -rf "$libraries.new/sqlalchemy/dialects/$dialect"
	done
	mv "$libraries.new" "$libraries"
fi

# 2. The tree.
tree=$out/tree
rm -rf "$tree"
lib=$tree/usr/lib/media-guard
mkdir -p "$lib/lib" "$tree/DEBIAN" "$tree/usr/sbin" "$tree/usr/bin" "$tree/lib/systemd/system" "$tree/lib/udev/rules.d" \
	"$tree/usr/lib/sysusers.d" "$tree/usr/lib/tmpfiles.d" "$tree/usr/lib/modules-load.d" "$tree/usr/share/doc/media-guard"
cp -R "$libraries/." "$lib/lib/"
cp -R guard "$lib/lib/"
find "$lib/lib" -depth -name __pycache__ -type d -exec rm -rf {} +

entry() { # file, module
	mkdir -p "$(dirname "$1")"
	cat >"$1" <<-END
		#!/usr/bin/python3 -IS
		import sys

		sys.path.insert(0, "/usr/lib/media-guard/lib")
		from $2 import main

		sys.exit(main())
	END
	chmod 755 "$1"
}
entry "$tree/usr/sbin/media-guardd" guard.__main__
entry "$tree/usr/bin/mediaguardctl" guard.ctl.__main__
entry "$lib/media-guard-reader" guard.usb.worker

install -m 755 packaging/udev/media-guard-pass "$lib/"
install -m 644 packaging/udev/*.rules "$tree/lib/udev/rules.d/"
install -m 644 packaging/modules-load/media-guard.conf "$tree/usr/lib/modules-load.d/"
install -m 644 systemd/media-guard.sysusers "$tree/usr/lib/sysusers.d/media-guard.conf"
install -m 644 systemd/media-guard.tmpfiles "$tree/usr/lib/tmpfiles.d/media-guard.conf"
put() { # directory, files that may not be there
	directory=$1
	shift
	for file in "$@"; do
		[ ! -f "$file" ] || { mkdir -p "$tree$directory" && install -m 644 "$file" "$tree$directory/"; }
	done
}
put /lib/systemd/system systemd/*.service systemd/*.socket systemd/*.target
put /usr/share/dbus-1/system.d packaging/dbus/*.conf
put /usr/share/dbus-1/interfaces guard/bus/*.xml
put /usr/share/dbus-1/system-services packaging/dbus/*.service
put /usr/share/polkit-1/actions packaging/polkit/*.policy
put /usr/share/bash-completion/completions packaging/completion/mediaguardctl
put /usr/share/man/man1 packaging/man/*.1
put /usr/share/doc/media-guard README.md
cp LICENSE "$tree/usr/share/doc/media-guard/copyright"

"$python" -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$tree" -p / "$lib/lib"

# 3. The package.
size=$(du -sk "$tree" | cut -f 1)
sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" -e "s/@PYTHON@/$python_version/" -e "s/@PYTHON_NEXT@/$python_next/" \
	packaging/deb/control >"$tree/DEBIAN/control"
for script in postinst prerm postrm; do
	install -m 755 "packaging/deb/$script" "$tree/DEBIAN/"
done
(cd "$tree" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz -z6 --build "$tree" "$out/media-guard_${version}_amd64.deb" >/dev/null
rm -rf "$tree"
echo "$out/media-guard_${version}_amd64.deb"
