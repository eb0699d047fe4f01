# shellcheck shell=sh disable=SC2034,SC2154 # part of build.sh, which knows $here, $out, $python and $lib
# The libraries that a package brings along, from the wheels of their makers.

pythons="3.11 3.12 3.13" # Debian 12, Ubuntu 24.04, Debian 13
python_next=3.14

fetch() { # package, version of Python, folder
	"$out/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary :all: \
		--implementation cp --python-version "$2" --target "$3" --requirement "$here/$1.requirements" \
		--platform manylinux_2_34_x86_64 --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 \
		--platform manylinux2014_x86_64 2>"$out/pip.log" || {
		cat "$out/pip.log" >&2
		exit 1
	}
}

# Puts the libraries that a package brings along into $lib, unpacked and cut down once for each list of them.
vendor() { # package
	key=$(cat "$here/$1.requirements" "$here/$1".f*s "$here/vendor.sh" 2>/dev/null | sha256sum | cut -c 1-16)
	libraries=$out/$1-libraries-$key
	if [ ! -d "$libraries" ]; then
		rm -rf "$out/$1-libraries-"* "$out/venv"
		"$python" -m venv "$out/venv"
		fetch "$1" "${pythons%% *}" "$libraries.new"
		if [ -n "$(find "$libraries.new" -name '*.cpython-*.so' -print -quit)" ]; then
			for other in ${pythons#* }; do
				fetch "$1" "$other" "$libraries.other"
				(cd "$libraries.other" && find . -name '*.cpython-*.so' -exec cp --parents {} "$OLDPWD/$libraries.new/" \;)
				rm -rf "$libraries.other"
			done
		fi
		rm -rf "$out/venv" "$libraries.new/bin"
		if [ -f "$here/$1.files" ]; then
			mkdir "$libraries.cut"
			# shellcheck disable=SC2046 # globs, to be opened in that folder
			(cd "$libraries.new" && cp -R --parents $(grep -v '^#' "$OLDPWD/$here/$1.files") "$OLDPWD/$libraries.cut/")
			rm -rf "$libraries.new"
			mv "$libraries.cut" "$libraries.new"
		fi
		# Tests, type stubs, C sources and dialects for other databases are of no use to a running guard.
		find "$libraries.new" -depth \( -name tests -o -name testing -o -name __pycache__ -o -name include \) -type d \
			-exec rm -rf {} +
		find "$libraries.new" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \
			-o -name py.typed -o -name RECORD -o -name INSTALLER -o -name REQUESTED -o -name WHEEL -o -name top_level.txt \
			-o -name entry_points.txt -o -name direct_url.json \) -delete
		for dialect in mssql mysql oracle postgresql; do
			rm -rf "$libraries.new/sqlalchemy/dialects/$dialect"
		done
		# Of Pillow papers need that it is there; what decodes photographs and sets type stays out.
		for unused in avif webp imagingcms imagingft imagingmath imagingmorph imagingtk; do
			rm -f "$libraries.new/PIL/_$unused."*.so
		done
		for unused in avif webp webpdemux webpmux sharpyuv lcms2 freetype harfbuzz png16 brotlicommon brotlidec; do
			rm -f "$libraries.new/pillow.libs/lib$unused-"*
		done
		# Vera is embedded where a paper has no Chinese; the other fonts are Adobe's and other weights of it.
		find "$libraries.new" -path '*/reportlab/fonts/*' -type f ! -name Vera.ttf ! -name '*icense*' -delete
		# Nothing in here is started by itself: no first lines that name an interpreter, no file that can be executed.
		find "$libraries.new" -name '*.py' -exec sed -i '1s/^#!.*/#/' {} +
		# Debugging symbols are three quarters of some; those in *.libs have been through patchelf, which strip may break.
		find "$libraries.new" -name '*.libs' -prune -o -name '*.so' -exec strip --strip-unneeded {} + \
			-o -name '*.so.*' -exec strip --strip-unneeded {} +
		find "$libraries.new" -type f ! -name lrelease -exec install -m 644 {} {}.plain \; -exec mv {}.plain {} \;
		mv "$libraries.new" "$libraries"
	fi
	mkdir -p "$lib"
	cp -R "$libraries/." "$lib/"
}
